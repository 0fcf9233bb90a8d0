package database_test

import (
	"testing"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/internal/durable/durabletest"
)

// TestWeakerSettingsLoseWhatWasReported shows what docs/adr/0007 chose against:
// some of these settings lose a reported transaction to a power cut, on one
// medium; the ones we use do not.
func TestWeakerSettingsLoseWhatWasReported(t *testing.T) {
	for _, test := range []struct {
		journal, synchronous, level string
		loses                       bool
	}{
		{"delete", "OFF", "0", true},
		{"delete", "NORMAL", "1", true},
		{"delete", "FULL", "2", true},
		{"truncate", "NORMAL", "1", true},
		{"truncate", "FULL", "2", false},
		{"delete", "EXTRA", "3", false},
		{"truncate", "EXTRA", "3", false},
	} {
		t.Run(test.journal+" "+test.synchronous, func(t *testing.T) {
			lost := 0
			const cuts = 25
			m := durabletest.Boot(t, 2)
			c := config(m.Disk(0).Path(), m.Disk(1).Path())
			if err := create(t, c).Close(); err != nil {
				t.Fatal(err)
			}
			before := m.Image()
			weak := [][3]string{{"journal_mode", test.journal, test.journal}, {"synchronous", test.synchronous, test.level}}
			for seed := range uint64(cuts) {
				m.Restore(before, seed)
				db, err := database.OpenWeak(weak, c.Main)
				if err != nil {
					t.Fatal(err)
				}
				if err := add(db); err != nil {
					t.Fatal(err)
				}
				m.CutPower()
				db.Close() // its error is the power cut's
				m.Reboot()
				if lostIt(t, c.Main) {
					lost++
				}
			}
			t.Logf("%d of %d reported transactions lost", lost, cuts)
			if (lost > 0) != test.loses {
				t.Errorf("%d of %d reported transactions lost", lost, cuts)
			}
		})
	}
}

// lostIt reports whether the one transaction is not there, or the file is
// damaged.
func lostIt(t *testing.T, path string) bool {
	db, err := database.OpenAlone(path)
	if err != nil {
		return true
	}
	defer db.Close()
	n := 0
	err = db.View(func(tx *database.Tx) error {
		return tx.QueryRow(`SELECT min(n) FROM {m}.t WHERE id < 4`).Scan(&n)
	})
	return err != nil || n != 1
}
