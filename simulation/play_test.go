package simulation

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/openreferendum/referendum/simulation/cec"
)

func TestPlay(t *testing.T) {
	fsys, err := fs.Sub(cec.Lienchiang, "data")
	if err != nil {
		t.Fatal(err)
	}
	d, err := cec.Read(fsys)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := FromData(d, "連江縣 東引鄉", 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(p, filepath.Join(t.TempDir(), "x"), 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []func() error{
		r.Ceremony,
		func() error { return r.Provision(nil) },
		func() error { return r.Vote(nil) },
		func() error { return r.Count(nil) },
		func() error { return r.Decrypt(1, nil) },
		func() error { return r.Decrypt(2, nil) },
		func() error { return r.Decrypt(3, nil) },
		func() error { _, err := r.Publish(); return err },
	} {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
}
