package tally_test

import (
	"crypto/rand"
	"errors"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
	"github.com/openreferendum/referendum/tally/tallytest"
)

// FuzzCheck puts any bytes into the four files of a bundle. What is accepted is
// the good bundle and nothing else: its root is signed.
func FuzzCheck(f *testing.F) {
	w := small()
	good := w.bundles["a-2"]
	add := func(b tallytest.Bundle) {
		f.Add(b[record.BallotsFile].Data, b[record.ChallengedFile].Data, b[record.CheckpointFile].Data, b[record.ClosingFile].Data)
	}
	add(good)
	for _, name := range tally.BundleFiles {
		for _, change := range []func([]byte) []byte{
			func(b []byte) []byte { return b[:len(b)/2] },
			func(b []byte) []byte { return append(b, b...) },
			func(b []byte) []byte { b[len(b)/3] ^= 0x40; return b },
			func([]byte) []byte { return nil },
		} {
			b := good.Clone()
			b.Put(name, change(b[name].Data))
			add(b)
		}
	}
	f.Fuzz(func(t *testing.T, ballots, challenged, checkpoint, closing []byte) {
		b := tallytest.Bundle{}
		b.Put(record.BallotsFile, ballots)
		b.Put(record.ChallengedFile, challenged)
		b.Put(record.CheckpointFile, checkpoint)
		b.Put(record.ClosingFile, closing)
		bundle, err := tally.Check(w.Election, rand.Reader, b.FS(), "a-2", nil)
		if _, refused := errors.AsType[*tally.Refusal](err); err != nil && !refused {
			t.Errorf("an error that is no refusal: %v", err)
		}
		if err != nil {
			return
		}
		for name, file := range good {
			if string(file.Data) != string(b[name].Data) {
				t.Errorf("another %s is accepted: %+v", name, bundle.Closing)
			}
		}
	})
}
