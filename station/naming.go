package station

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strconv"
	"strings"
)

// A Naming says where a card's certificate names its holder, as the roll knows
// him: docs/spec/station.md, Section 4.1.
type Naming struct {
	// Attribute of the subject: an object identifier such as "2.5.4.5". If empty,
	// or "serialNumber", it is that one: the attribute that identifies a person
	// (X.520; RFC 3739, Section 3.1.2).
	Attribute string

	// Prefix stands before the identifier and is taken off, such as "PNOTW-" (ETSI
	// EN 319 412-1, clause 5.1.3). A certificate without it is refused.
	Prefix string
}

// maxHolder bounds what stands in the attribute, in bytes.
const maxHolder = 128

var serialNumber = asn1.ObjectIdentifier{2, 5, 4, 5}

// attribute parses Attribute.
func (n Naming) attribute() (asn1.ObjectIdentifier, error) {
	if len(n.Prefix) >= maxHolder {
		return nil, fmt.Errorf("holders of cards: a prefix of %d bytes", len(n.Prefix))
	}
	if n.Attribute == "" || n.Attribute == "serialNumber" {
		return serialNumber, nil
	}
	var id asn1.ObjectIdentifier
	for part := range strings.SplitSeq(n.Attribute, ".") {
		arc, err := strconv.Atoi(part)
		if err != nil || arc < 0 || strconv.Itoa(arc) != part {
			return nil, fmt.Errorf("holders of cards: %q is no object identifier", n.Attribute)
		}
		id = append(id, arc)
	}
	if len(id) < 2 {
		return nil, fmt.Errorf("holders of cards: %q is no object identifier", n.Attribute)
	}
	return id, nil
}

// holder returns the identifier of the certificate's holder.
func (n Naming) holder(leaf *x509.Certificate) (string, error) {
	attribute, err := n.attribute()
	if err != nil {
		return "", refuse(UnreadableCard, "%w", err)
	}
	found := ""
	for _, name := range leaf.Subject.Names {
		if !name.Type.Equal(attribute) {
			continue
		}
		s, ok := name.Value.(string)
		if !ok || s == "" || len(s) > maxHolder || found != "" {
			return "", refuse(UnreadableCard, "the holder's identifier is malformed")
		}
		found = s
	}
	if found == "" {
		return "", refuse(UnreadableCard, "the certificate does not identify its holder")
	}
	rest, ok := strings.CutPrefix(found, n.Prefix)
	if !ok || rest == "" {
		return "", refuse(UnreadableCard, "the holder's identifier is not of the kind on the roll")
	}
	return rest, nil
}
