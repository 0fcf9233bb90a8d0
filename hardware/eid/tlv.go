package eid

import "errors"

// An object is one BER-TLV data object (ISO/IEC 7816-4, Section 5.2.2).
type object struct {
	tag   uint32 // its bytes as one number, such as 0x5FC105
	value []byte
}

var errTLV = errors.New("malformed data object")

// maxObjects bounds how many objects stand side by side.
const maxObjects = 64

// parseTLV splits b into the objects that it consists of. Tags have up to three
// bytes, lengths up to three behind 0x80 plus their number; the indefinite
// length and padding are refused. Lengths may be longer than need be, as BER
// allows and cards write them.
func parseTLV(b []byte) ([]object, error) {
	var objects []object
	for len(b) > 0 {
		tag, n, ok := parseTag(b)
		if !ok || len(objects) == maxObjects {
			return nil, errTLV
		}
		b = b[n:]
		length, n, ok := parseLength(b)
		if !ok || length > len(b)-n {
			return nil, errTLV
		}
		objects = append(objects, object{tag, b[n : n+length]})
		b = b[n+length:]
	}
	return objects, nil
}

// parseTag returns the tag at the front of b and its size.
func parseTag(b []byte) (tag uint32, n int, ok bool) {
	if b[0] == 0x00 || b[0] == 0xFF {
		return 0, 0, false
	}
	if b[0]&0x1F != 0x1F {
		return uint32(b[0]), 1, true
	}
	tag = uint32(b[0])
	for n = 1; n < 3 && n < len(b); n++ {
		tag = tag<<8 | uint32(b[n])
		if b[n]&0x80 == 0 {
			return tag, n + 1, b[1] != 0x80 // a number that begins with zero
		}
	}
	return 0, 0, false
}

// parseLength returns the length at the front of b and its size.
func parseLength(b []byte) (length, n int, ok bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	if b[0] < 0x80 {
		return int(b[0]), 1, true
	}
	n = 1 + int(b[0]&0x7F)
	if n == 1 || n > 4 || n > len(b) {
		return 0, 0, false
	}
	for _, c := range b[1:n] {
		length = length<<8 | int(c)
	}
	return length, n, true
}

// one returns the value of the only object in b, which has that tag.
func one(b []byte, tag uint32) ([]byte, error) {
	objects, err := parseTLV(b)
	if err != nil {
		return nil, err
	}
	if len(objects) != 1 || objects[0].tag != tag {
		return nil, errTLV
	}
	return objects[0].value, nil
}

// pick returns the value of the object with that tag, nil if there is none.
func pick(objects []object, tag uint32) ([]byte, error) {
	var found []byte
	for _, o := range objects {
		if o.tag != tag {
			continue
		}
		if found != nil {
			return nil, errTLV
		}
		found = append([]byte{}, o.value...)
	}
	return found, nil
}

// appendTLV appends an object with a tag of one byte.
func appendTLV(b []byte, tag byte, value []byte) []byte {
	b = append(b, tag)
	switch n := len(value); {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	case n < 0x10000:
		b = append(b, 0x82, byte(n>>8), byte(n))
	default:
		panic("eid: internal error: data object too long")
	}
	return append(b, value...)
}
