package machine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationtest"
)

// TestExport writes bundles beside what is there already.
func TestExport(t *testing.T) {
	h := opened(t, 2)
	h.vote(t, 0, 1, 1)
	bundle, _ := h.closed(t)
	medium := filepath.Dir(bundle)
	if err := h.Export(medium, t.TempDir()); err != nil {
		t.Errorf("the same bundle again: %v", err)
	}
	for _, test := range []struct {
		name  string
		media []string
		text  string
	}{
		{"nowhere", nil, "no medium"},
		{"one medium twice", []string{medium, medium + "/."}, "given twice"},
		{"not there", []string{filepath.Join(medium, "x")}, "no such file"},
	} {
		if err := h.Export(test.media...); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
	for _, test := range []struct {
		name  string
		spoil func(bundle string) error
		text  string
	}{
		{"a file too many", func(b string) error { return os.WriteFile(filepath.Join(b, "notes.txt"), nil, 0o644) }, "5 files instead of 4"},
		{"a file too few", func(b string) error { return os.Remove(filepath.Join(b, record.BallotsFile)) }, "3 files instead of 4"},
		{"a ballot changed", func(b string) error {
			f := filepath.Join(b, record.BallotsFile)
			c, err := os.ReadFile(f)
			c[0] ^= 1
			return errors.Join(err, os.WriteFile(f, c, 0o644), os.Chtimes(f, durable.Epoch, durable.Epoch))
		}, "ballots: not what was written"},
		{"a byte too many", func(b string) error { return longer(filepath.Join(b, record.ClosingFile), 1) }, "closing.json: not what was written"},
		{"a byte too few", func(b string) error { return longer(filepath.Join(b, record.CheckpointFile), -1) }, "checkpoint: not what was written"},
		{"a link to the same", func(b string) error {
			f := filepath.Join(b, record.ChallengedFile)
			return errors.Join(os.Rename(f, b+".elsewhere"), os.Symlink(b+".elsewhere", f))
		}, "not what was written"},
		{"a folder", func(b string) error {
			f := filepath.Join(b, record.ChallengedFile)
			return errors.Join(os.Remove(f), os.Mkdir(f, 0o755))
		}, "not what was written"},
		{"another name", func(b string) error {
			return os.Rename(filepath.Join(b, record.BallotsFile), filepath.Join(b, "ballots.old"))
		}, "no such file"},
		{"a time", func(b string) error {
			f := filepath.Join(b, record.BallotsFile)
			return os.Chtimes(f, stationtest.Day, stationtest.Day)
		}, "its time says when it was written"},
	} {
		m := t.TempDir()
		if err := h.Export(m); err != nil {
			t.Fatal(err)
		}
		if err := test.spoil(filepath.Join(m, stationtest.Station)); err != nil {
			t.Fatal(err)
		}
		if err := h.Export(m); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: error %v", test.name, err)
		}
		if err := h.Compare(m); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: compared with error %v", test.name, err)
		}
	}
}

// longer changes a file's size and nothing else that is compared.
func longer(path string, by int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return errors.Join(os.Truncate(path, info.Size()+by), os.Chtimes(path, durable.Epoch, durable.Epoch))
}
