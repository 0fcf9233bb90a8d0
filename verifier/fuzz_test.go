package verifier_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/openreferendum/referendum/verifier"
)

// FuzzVerify puts any content into any file of a valid record: Verify does not
// panic, and only the file as it was verifies.
func FuzzVerify(f *testing.F) {
	base := readFiles(f, testdata+"/valid/hamlet")
	names := slices.Sorted(maps.Keys(base))
	for i, name := range names {
		b := base[name].Data
		f.Add(uint8(i), b[:len(b)/2])
		f.Add(uint8(i), append(slices.Clone(b), '\n'))
	}
	f.Add(uint8(0), base[names[0]].Data)
	f.Add(uint8(0), []byte("{}\n"))
	f.Fuzz(func(t *testing.T, file uint8, content []byte) {
		name := names[int(file)%len(names)]
		changed := maps.Clone(base)
		changed[name] = &fstest.MapFile{Data: content}
		r := verifier.Verify(changed, verifier.Options{})
		if r.OK() != bytes.Equal(content, base[name].Data) {
			t.Errorf("%s: verifies: %v, with %q", name, r.OK(), content)
		}
		if len(r.Checks) != len(verifier.Checks) {
			t.Errorf("%d checks in the report", len(r.Checks))
		}
	})
}
