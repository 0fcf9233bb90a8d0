package tpm

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
)

func someBlob() blob {
	return blob{pcrs: selection{0x95, 0x08, 0}, measurement: [32]byte{1, 2}, parent: [32]byte{3}, unique: [32]byte{4}, private: bytes.Repeat([]byte{5}, 190)}
}

// summed puts the right sum at the end.
func summed(b []byte) []byte {
	sum := sha256.Sum256(b[:len(b)-sha256.Size])
	return append(slices.Clone(b[:len(b)-sha256.Size]), sum[:]...)
}

func TestBlob(t *testing.T) {
	b := someBlob()
	got, err := parseBlob(b.marshal())
	if err != nil || got.pcrs != b.pcrs || got.measurement != b.measurement || got.parent != b.parent || got.unique != b.unique || !bytes.Equal(got.private, b.private) {
		t.Fatalf("%+v became %+v, %v", b, got, err)
	}
	if !slices.Equal(b.pcrs.list(), []int{0, 2, 4, 7, 11}) {
		t.Errorf("PCRs %v", b.pcrs.list())
	}
	// The places of the fields, by the format's table.
	m := b.marshal()
	for name, c := range map[string]struct {
		at   int
		want string
	}{
		"magic": {0, hex.EncodeToString([]byte("referendum-tpm"))}, "version": {14, "01"}, "pcrs": {15, "950800"}, "measurement": {18, "010200"}, "parent": {50, "0300"}, "unique": {82, "0400"}, "length": {114, "00be"}, "private": {116, "0505"},
	} {
		if got := hex.EncodeToString(m[c.at : c.at+len(c.want)/2]); got != c.want {
			t.Errorf("%s at %d is %s instead of %s", name, c.at, got, c.want)
		}
	}
	if len(m) != 116+190+32 {
		t.Errorf("%d bytes", len(m))
	}
}

func TestBlobRefusals(t *testing.T) {
	good := someBlob().marshal()
	none := someBlob()
	none.pcrs = selection{}
	empty := someBlob()
	empty.private = nil
	long := someBlob()
	long.private = make([]byte, maxPrivate+1)
	change := func(at int, to byte) []byte {
		b := slices.Clone(good)
		b[at] = to
		return summed(b)
	}
	for name, c := range map[string]struct {
		in  []byte
		why string
	}{
		"nothing":          {nil, "0 bytes"},
		"another magic":    {change(0, 'R'), "no blob of this version"},
		"another version":  {change(14, 2), "no blob of this version"},
		"no PCR":           {none.marshal(), "no PCR"},
		"no private part":  {empty.marshal(), "bytes"},
		"too long":         {long.marshal(), "bytes"},
		"length too large": {change(115, 0xbf), "a length that is another"},
		"length too small": {change(115, 0xbd), "a length that is another"},
		"one byte more":    {append(slices.Clone(good), 0), "its sum is another"},
		"two of them":      {append(slices.Clone(good), good...), "its sum is another"},
		"very long":        {make([]byte, 1<<20), "bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseBlob(c.in); !errors.Is(err, ErrBlob) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("parsing gave %v instead of %q", err, c.why)
			}
		})
	}
	for i := range good {
		for _, bit := range []byte{1, 0x80} {
			bad := slices.Clone(good)
			bad[i] ^= bit
			if _, err := parseBlob(bad); !errors.Is(err, ErrBlob) {
				t.Errorf("a changed bit in byte %d gave %v", i, err)
			}
		}
		if _, err := parseBlob(good[:i]); !errors.Is(err, ErrBlob) {
			t.Errorf("the first %d bytes gave %v", i, err)
		}
	}
}

func FuzzBlob(f *testing.F) {
	f.Add(someBlob().marshal(), false)
	f.Add(someBlob().marshal(), true)
	f.Add([]byte(blobMagic), false)
	f.Fuzz(func(t *testing.T, in []byte, sum bool) {
		if sum && len(in) >= sha256.Size {
			in = summed(in) // past the first check
		}
		b, err := parseBlob(in)
		if err != nil {
			if !errors.Is(err, ErrBlob) {
				t.Errorf("the error is %v", err)
			}
			return
		}
		if !bytes.Equal(b.marshal(), in) {
			t.Errorf("two encodings of one blob: %x and %x", in, b.marshal())
		}
		b.public() // does not panic
	})
}
