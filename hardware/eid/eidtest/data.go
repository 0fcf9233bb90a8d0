package eidtest

import "bytes"

// The application's identifier, and its parts (SP 800-73-4, part 1, Section 2.2).
var (
	rid = []byte{0xA0, 0x00, 0x00, 0x03, 0x08}
	pix = []byte{0x00, 0x00, 0x10, 0x00, 0x01, 0x00}
	aid = append(bytes.Clone(rid), pix...)
)

// minAID is the shortest identifier that selects: without the version.
const minAID = 9

// selectApplication is SELECT (SP 800-73-4, part 2, Section 3.1.1). Selecting the application again
// changes nothing, and neither does the attempt to select one that is not there.
func (c *Card) selectApplication(cmd command) ([]byte, status) {
	if cmd.p1 != 0x04 || cmd.p2 != 0x00 {
		return nil, statusParameters
	}
	if len(cmd.data) < minAID || !bytes.HasPrefix(aid, cmd.data) {
		return nil, statusNotFound
	}
	c.selected = true
	return tlv(0x61, // application property template, Table 3
		tlv(0x4F, pix),
		tlv(0x79, tlv(0x4F, rid)),
		tlv(0xAC, algorithms(c.slots), tlv(0x06, []byte{0})),
	), statusOK
}

// algorithms lists what the card's keys can do (part 2, Table 5).
func algorithms(slots map[byte]Slot) []byte {
	var list []byte
	for _, id := range []byte{algorithmRSA3072, algorithmRSA2048, algorithmP256, algorithmP384, algorithmEd25519} {
		for _, s := range slots {
			if algorithm(s.Key) == id {
				list = append(list, tlv(0x80, []byte{id})...)
				break
			}
		}
	}
	return list
}

// Tags of the data objects (SP 800-73-4, part 1, Table 3).
const (
	tagCHUID     = 0x5FC102
	tagCCC       = 0x5FC107
	tagDiscovery = 0x7E
)

// certificateTags are the tags of the certificates by key reference.
var certificateTags = map[byte]uint32{0x9A: 0x5FC105, 0x9C: 0x5FC10A, 0x9D: 0x5FC10B, 0x9E: 0x5FC101}

// objects makes what GET DATA gives, each in its outer tag.
func objects(c CardConfig) map[uint32][]byte {
	all := map[uint32][]byte{
		tagCHUID:     tlv(0x53, chuid(c.GUID)),
		tagCCC:       tlv(0x53, ccc(c.GUID)),
		tagDiscovery: tlv(0x7E, tlv(0x4F, aid), tlv(0x5F2F, []byte{0x40, 0x00})), // the application PIN alone
	}
	for reference, slot := range c.Slots {
		if tag := certificateTags[reference]; tag != 0 && len(slot.Certificate) > 0 {
			all[tag] = tlv(0x53, tlv(0x70, slot.Certificate), tlv(0x71, []byte{0}), tlv(0xFE))
		}
	}
	return all
}

// chuid is the Card Holder Unique Identifier (part 1, Section 3.1.2): a FASC-N of nines, as cards
// of issuers outside the federal agencies have, an expiry far away, and no signature.
func chuid(guid [16]byte) []byte {
	fascn := []byte{0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE, 0x73, 0x9D, 0x83, 0x68,
		0x58, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB}
	return bytes.Join([][]byte{tlv(0x30, fascn), tlv(0x34, guid[:]), tlv(0x35, []byte("20991231")), tlv(0x3E), tlv(0xFE)}, nil)
}

// ccc is the Card Capability Container (part 1, Section 3.1.1).
func ccc(guid [16]byte) []byte {
	b := tlv(0xF0, []byte{0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02}, guid[:14])
	b = append(b, tlv(0xF1, []byte{0x21})...) // version
	b = append(b, tlv(0xF2, []byte{0x21})...) // version of the grammar
	b = append(b, tlv(0xF3)...)
	b = append(b, tlv(0xF4, []byte{0x00})...)
	b = append(b, tlv(0xF5, []byte{0x10})...) // data model
	for _, tag := range []uint32{0xF6, 0xF7, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE} {
		b = append(b, tlv(tag)...)
	}
	return b
}

// getData is GET DATA (part 2, Section 3.1.2).
func (c *Card) getData(cmd command) ([]byte, status) {
	if cmd.p1 != 0x3F || cmd.p2 != 0xFF {
		return nil, statusParameters
	}
	tag, name, rest, err := cutTLV(cmd.data)
	if err != nil || tag != 0x5C || len(rest) > 0 || len(name) < 1 || len(name) > 3 {
		return nil, statusData
	}
	var wanted uint32
	for _, b := range name {
		wanted = wanted<<8 | uint32(b)
	}
	object, ok := c.objects[wanted]
	if !ok {
		return nil, statusNotFound
	}
	return object, statusOK
}
