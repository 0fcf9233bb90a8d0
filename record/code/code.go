// Package code writes confirmation codes for people: Crockford base32 in groups
// of four with a check symbol, as specified in docs/spec/paper.md, Section 2.
package code

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Size is the length in bytes of a code.
const Size = 32

// symbols is Crockford's alphabet; the last five are check symbols only.
const symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"

// digits is the number of base32 symbols of 256 bits.
const digits = 52

var (
	thirtyTwo   = big.NewInt(32)
	thirtySeven = big.NewInt(37)
)

// Format returns thirteen groups of four symbols, and the check symbol: the
// code as an integer modulo 37.
func Format(code [Size]byte) string {
	n := new(big.Int).SetBytes(code[:])
	check := new(big.Int).Mod(n, thirtySeven).Int64()
	text := make([]byte, digits)
	digit := new(big.Int)
	for i := digits - 1; i >= 0; i-- {
		n.DivMod(n, thirtyTwo, digit)
		text[i] = symbols[digit.Int64()]
	}
	var s strings.Builder
	for i := 0; i < digits; i += 4 {
		s.Write(text[i : i+4])
		s.WriteByte('-')
	}
	s.WriteByte(symbols[check])
	return s.String()
}

// ErrMistyped is wrapped by errors of Parse that typing again may cure.
var ErrMistyped = errors.New("the code was mistyped")

// Parse reads what Format wrote, as people type it: in either case, with or
// without spaces and dashes, with O for 0 and I or L for 1. The check symbol must fit: one wrong
// symbol, or two neighbours swapped, never pass.
func Parse(s string) ([Size]byte, error) {
	var code [Size]byte
	n := new(big.Int)
	count, check := 0, -1
	for _, r := range s {
		if strings.ContainsRune(" -\t\n", r) {
			continue
		}
		v := value(r)
		if v < 0 || (count < digits && v > 31) {
			return code, fmt.Errorf("%w: %q is no symbol of a code", ErrMistyped, r)
		}
		if count == digits {
			check = v
		} else if count < digits {
			n.Mul(n, thirtyTwo).Add(n, big.NewInt(int64(v)))
		}
		count++
	}
	if count != digits+1 {
		return code, fmt.Errorf("%w: %d symbols instead of %d", ErrMistyped, count, digits+1)
	}
	if n.BitLen() > 8*Size || new(big.Int).Mod(n, thirtySeven).Int64() != int64(check) {
		return code, fmt.Errorf("%w: the last symbol, which checks the others, does not fit", ErrMistyped)
	}
	n.FillBytes(code[:])
	return code, nil
}

func value(r rune) int {
	if 'a' <= r && r <= 'z' {
		r -= 'a' - 'A'
	}
	switch r {
	case 'O':
		r = '0'
	case 'I', 'L':
		r = '1'
	}
	return strings.IndexRune(symbols, r)
}
