package durable

import (
	"path/filepath"
	"testing"
)

// BenchmarkUpdate changes one small row on both media.
func BenchmarkUpdate(b *testing.B) {
	dir := b.TempDir()
	db, err := Create(Config{Main: filepath.Join(dir, "main.db"), Mirror: filepath.Join(dir, "mirror.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *Tx) error {
		if err := tx.Exec(-1, "CREATE TABLE {m}.t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)"); err != nil {
			return err
		}
		return tx.Exec(1, "INSERT INTO {m}.t VALUES (1, 0)")
	}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := db.Update(func(tx *Tx) error { return tx.Exec(1, "UPDATE {m}.t SET n = n + 1") }); err != nil {
			b.Fatal(err)
		}
	}
}
