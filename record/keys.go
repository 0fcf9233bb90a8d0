package record

import (
	"errors"
	"slices"
)

// fieldPrime is p = 2^255 − 19, little endian.
var fieldPrime = Hash{
	0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
}

// smallOrderY are the y-coordinates of the eight points of edwards25519 whose
// order divides 8: to a key among them, anybody can make signatures.
var smallOrderY = coordinates(
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)

// smallOrderU are the u-coordinates of such points of curve25519: to a key among
// them, everything is sealed with the same secret.
var smallOrderU = coordinates(
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
)

func coordinates(texts ...string) []Hash {
	var all []Hash
	for _, s := range texts {
		h, err := ParseHash(s)
		if err != nil {
			panic("record: internal error: " + err.Error())
		}
		all = append(all, h)
	}
	return all
}

// CheckSigningKey refuses an Ed25519 public key that is not the canonical
// encoding of a y-coordinate, or of small order: docs/spec/record.md, Section 3.
func CheckSigningKey(k Key) error {
	y := k
	y[31] &= 0x7f // the sign of x
	if !below(y, fieldPrime) {
		return errors.New("signing key: not the canonical encoding")
	}
	if slices.Contains(smallOrderY, y) {
		return errors.New("signing key: of small order")
	}
	return nil
}

// CheckEncryptionKey refuses an X25519 public key that is not the canonical
// encoding of a u-coordinate, or of small order.
func CheckEncryptionKey(k Hash) error {
	if !below(k, fieldPrime) {
		return errors.New("encryption key: not the canonical encoding")
	}
	if slices.Contains(smallOrderU, k) {
		return errors.New("encryption key: of small order")
	}
	return nil
}

// below compares two numbers, little endian.
func below(a, b Hash) bool {
	for i := len(a) - 1; i >= 0; i-- {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
