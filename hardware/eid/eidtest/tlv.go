package eidtest

import "errors"

// tlv is one BER-TLV data object (ISO/IEC 7816-4, Section 5.2.2; lengths as in
// SP 800-73-4, part 2: the shortest form).
func tlv(tag uint32, value ...[]byte) []byte {
	n := 0
	for _, v := range value {
		n += len(v)
	}
	var b []byte
	for shift := 16; shift >= 0; shift -= 8 {
		if octet := byte(tag >> shift); octet != 0 || len(b) > 0 {
			b = append(b, octet)
		}
	}
	switch {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	case n < 0x10000:
		b = append(b, 0x82, byte(n>>8), byte(n))
	default:
		b = append(b, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
	for _, v := range value {
		b = append(b, v...)
	}
	return b
}

var errTLV = errors.New("no data object")

// cutTLV takes the first data object with a tag of one byte off b.
func cutTLV(b []byte) (tag byte, value, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, nil, errTLV
	}
	tag = b[0]
	n, b := int(b[1]), b[2:]
	switch {
	case n == 0x81 && len(b) >= 1:
		n, b = int(b[0]), b[1:]
	case n == 0x82 && len(b) >= 2:
		n, b = int(b[0])<<8|int(b[1]), b[2:]
	case n >= 0x80:
		return 0, nil, nil, errTLV
	}
	if len(b) < n {
		return 0, nil, nil, errTLV
	}
	return tag, b[:n], b[n:], nil
}
