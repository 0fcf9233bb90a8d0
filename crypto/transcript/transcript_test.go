package transcript

import (
	"bytes"
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

// split reads a message back into its fields. That it can is why two lists of
// fields never give the same message.
func split(message []byte) (fields [][]byte, ok bool) {
	for len(message) > 0 {
		if len(message) < 4 {
			return nil, false
		}
		n := binary.BigEndian.Uint32(message)
		if uint64(n) > uint64(len(message)-4) {
			return nil, false
		}
		fields, message = append(fields, message[4:4+n]), message[4+n:]
	}
	return fields, true
}

func TestMessagesAreInjective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.SliceOf(rapid.Byte()), 1, 6).Draw(t, "fields")
		m := New(string(list[0]))
		for _, f := range list[1:] {
			m.Bytes(f)
		}
		read, ok := split(m.Message())
		if !ok || len(read) != len(list) {
			t.Fatalf("%d fields read back as %d", len(list), len(read))
		}
		for i := range list {
			if !bytes.Equal(read[i], list[i]) {
				t.Errorf("field %d: %x instead of %x", i, read[i], list[i])
			}
		}
	})
}

// Moving a boundary, merging, splitting, dropping or swapping fields gives
// another hash.
func TestNeighboursDiffer(t *testing.T) {
	seen := map[[32]byte]string{}
	for name, m := range map[string]*Transcript{
		"label only":               New("ab"),
		"label and empty field":    New("ab").Bytes(nil),
		"label split":              New("a").Text("b"),
		"empty label":              New("").Text("ab"),
		"two fields":               New("ab").Text("c").Text("d"),
		"two fields swapped":       New("ab").Text("d").Text("c"),
		"two fields merged":        New("ab").Text("cd"),
		"field that looks encoded": New("ab").Bytes([]byte("\x00\x00\x00\x01c\x00\x00\x00\x01d")),
		"integer":                  New("ab").Uint(1),
		"integer as text":          New("ab").Text("1"),
		"integer, other end":       New("ab").Uint(1 << 56),
		"shorter integer":          New("ab").Bytes([]byte{0, 0, 0, 1}),
	} {
		if other, ok := seen[m.Sum()]; ok {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		seen[m.Sum()] = name
	}
}

// Bytes copies its field: changing it afterwards changes nothing.
func TestFieldsAreCopied(t *testing.T) {
	field := []byte("field")
	m := New("label").Bytes(field)
	want := m.Sum()
	field[0] = 'x'
	if m.Sum() != want {
		t.Error("the transcript holds the caller's bytes")
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(New("nonce").Uint(1).Message())
	f.Add([]byte{0, 0, 0, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		fields, ok := split(b)
		if !ok || len(fields) == 0 {
			return
		}
		m := New(string(fields[0]))
		for _, field := range fields[1:] {
			m.Bytes(field)
		}
		if !bytes.Equal(m.Message(), b) {
			t.Errorf("two messages of one list: %x and %x", b, m.Message())
		}
	})
}
