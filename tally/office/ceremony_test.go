package office_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally/office"
)

// TestDamagedCeremony: no request and no inventory is signed over a ceremony
// that our disk has damaged since the count began, and none is carried to a
// trustee. Beginning again from the exchange folder mends it.
func TestDamagedCeremony(t *testing.T) {
	t.Parallel()
	r := aRoom(t)
	damages := map[string]func(path string) error{
		"gone":  os.Remove,
		"empty": func(path string) error { return os.Truncate(path, 0) },
		"bit": func(path string) error {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b[len(b)/2] ^= 1
			return os.WriteFile(path, b, 0o644)
		},
	}
	for how, damage := range damages {
		for _, name := range []string{record.EnrolmentFile(1), record.CommitmentFile(2), record.RevealFile(3), record.ConfirmationFile(1)} {
			dir := r.furnish(t)
			path := filepath.Join(dir, "record", name)
			refused := func(step string, written string, err error) {
				t.Helper()
				if !errors.Is(err, office.ErrCeremony) {
					t.Errorf("%s, %s: %s: error %v", name, how, step, err)
				}
				if _, err := os.Lstat(filepath.Join(dir, written)); err == nil {
					t.Errorf("%s, %s: %s wrote %s", name, how, step, written)
				}
			}
			r.writeUpTo(t, filepath.Join(dir, "record"), r.inOrder()[:len(r.inOrder())-5]) // no request, no answers
			o, err := office.Open(filepath.Join(dir, "record"))
			if err := errors.Join(err, damage(path)); err != nil {
				t.Fatal(err)
			}
			_, err = o.Aggregate(r.Authority.Signer(), true, 1, nil)
			refused("aggregating", "record/"+record.AggregatesFile, err)
			_, err = o.Sums(true, 1, nil)
			refused("adding up", "record/"+record.AggregatesFile, err)

			r.writeUpTo(t, filepath.Join(dir, "record"), r.inOrder()[:len(r.inOrder())-2]) // all but the result
			if err := damage(path); err != nil {
				t.Fatal(err)
			}
			_, err = o.Carry(filepath.Join(dir, "usb"), nil)
			refused("carrying", "usb", err)
			_, err = o.Publish(r.Authority.Signer())
			refused("publishing", "record/"+record.ResultFile, err)

			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			if err := r.count(dir); err != nil {
				t.Errorf("%s, %s: beginning again: %v", name, how, err)
			}
			if d := difference(contents(os.DirFS(filepath.Join(dir, "record"))), r.record); d != "" {
				t.Errorf("%s, %s: beginning again: %s", name, how, d)
			}
		}
	}
}

// TestBeginFollowsNoLink: the exchange folder comes from many hands, and a link
// in it could lead anywhere on this computer.
func TestBeginFollowsNoLink(t *testing.T) {
	dir := aRoom(t).furnish(t)
	path := filepath.Join(dir, "exchange", record.RevealFile(2))
	if err := errors.Join(os.Rename(path, filepath.Join(dir, "elsewhere")), os.Symlink("../../elsewhere", path)); err != nil {
		t.Fatal(err)
	}
	if _, err := office.Begin(filepath.Join(dir, "exchange"), filepath.Join(dir, "record")); !errors.Is(err, durable.ErrNotRegular) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "record")); err == nil {
		t.Error("a folder was made")
	}
}

// TestBeginInCeremony: a mistyped --record does not make a count of the folder
// that the trustees carry around.
func TestBeginInCeremony(t *testing.T) {
	dir := aRoom(t).furnish(t)
	exchange := filepath.Join(dir, "exchange")
	before := contents(os.DirFS(exchange))
	_, err := office.Begin(exchange, exchange+"/.")
	if want := "beginning the count: " + exchange + "/. is the ceremony's own folder; a count needs another"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	if d := difference(contents(os.DirFS(exchange)), before); d != "" {
		t.Errorf("the refused beginning changed %s", d)
	}
}

// TestCarryLooksAtBundles: what the disk has done to a station since its import
// does not travel to the trustees.
func TestCarryLooksAtBundles(t *testing.T) {
	r := aRoom(t)
	dir := r.furnish(t)
	r.writeUpTo(t, filepath.Join(dir, "record"), r.inOrder()[:len(r.inOrder())-2]) // all but the result
	o, err := office.Open(filepath.Join(dir, "record"))
	if err != nil {
		t.Fatal(err)
	}
	imported, _, err := o.Stations()
	if err != nil {
		t.Fatal(err)
	}
	id := imported[len(imported)-1]
	ballots := filepath.Join(dir, "record", record.StationsDir, id, record.BallotsFile)
	if err := os.Truncate(ballots, 1<<30); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Carry(filepath.Join(dir, "usb"), nil); !errors.Is(err, office.ErrDamaged) || !strings.Contains(err.Error(), id) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "usb", record.AggregatesFile)); err == nil {
		t.Error("the request was carried with a damaged station")
	}
}
