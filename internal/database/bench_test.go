package database_test

import (
	"testing"

	"github.com/openreferendum/referendum/internal/database"
)

// BenchmarkUpdate changes three pages on both media, which are folders of one
// disk here.
func BenchmarkUpdate(b *testing.B) {
	db := create(b, config(b.TempDir(), b.TempDir()))
	for b.Loop() {
		if err := add(db); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdateAlone changes three pages on one medium, with our settings and
// with others: what the second medium costs, and what others would save.
func BenchmarkUpdateAlone(b *testing.B) {
	for _, s := range []struct{ journal, synchronous, level string }{
		{"truncate", "EXTRA", "3"}, {"truncate", "FULL", "2"}, {"delete", "EXTRA", "3"}, {"delete", "FULL", "2"},
		{"delete", "NORMAL", "1"}, {"wal", "FULL", "2"}, {"wal", "NORMAL", "1"},
	} {
		b.Run(s.journal+"-"+s.synchronous, func(b *testing.B) {
			c := config(b.TempDir(), b.TempDir())
			if err := create(b, c).Close(); err != nil {
				b.Fatal(err)
			}
			db, err := database.OpenWeak([][3]string{{"journal_mode", s.journal, s.journal}, {"synchronous", s.synchronous, s.level}}, c.Main)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			for b.Loop() {
				if err := add(db); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
