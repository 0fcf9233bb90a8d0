// Package vectorstest reads and writes the test vectors in crypto/testdata, in
// the form that docs/spec/crypto.md, Section 7 describes.
package vectorstest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the vectors of this package anew")

// A Vector is one case.
type Vector struct {
	Algorithm string            `json:"algorithm"`
	Reason    string            `json:"reason"`
	Good      bool              `json:"good"`
	Input     map[string]string `json:"input"`
	Output    map[string]string `json:"output,omitempty"`
}

// Read reads a file of vectors. The test fails when the file is not what is
// made today; with -update the file is written first.
func Read(t *testing.T, file string, made []Vector) []Vector {
	t.Helper()
	path := filepath.Join("..", "testdata", file)
	want, err := json.MarshalIndent(made, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what `make vectors` writes", path)
	}
	var read []Vector
	if err := json.Unmarshal(got, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// New returns one case.
func New(algorithm, reason string, good bool, input, output map[string]string) Vector {
	return Vector{algorithm, reason, good, input, output}
}
