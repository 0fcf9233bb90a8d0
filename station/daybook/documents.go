package daybook

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/internal/database"
)

// Documents have places made beforehand, so that the close, of all moments,
// needs no space on the disk.
const (
	MaxDocuments = 8
	MaxDocument  = 64 << 10 // of content, in bytes
	MaxName      = 64       // of a name, in bytes

	placeSize = 1 + MaxName + 4 + MaxDocument
)

// ErrNoDocument is returned for a name that nothing was kept under. The station
// asks so whether the close was reached.
var ErrNoDocument = errors.New("daybook: no such document")

func createDocuments(tx *database.Tx) error {
	if err := tx.Exec(-1, `CREATE TABLE {m}.documents (place INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT`); err != nil {
		return err
	}
	for i := range MaxDocuments {
		if err := tx.Exec(1, `INSERT INTO {m}.documents VALUES (?, zeroblob(?))`, i+1, placeSize); err != nil {
			return err
		}
	}
	return nil
}

// Keep stores a document of the closing under a name that is not in use.
func Keep(tx *database.Tx, name string, content []byte) error {
	if err := keep(tx, name, content); err != nil {
		return fmt.Errorf("keeping %q: %w", name, err)
	}
	return nil
}

func keep(tx *database.Tx, name string, content []byte) error {
	if name == "" || len(name) > MaxName || len(content) > MaxDocument {
		return fmt.Errorf("name of %d and document of %d bytes", len(name), len(content))
	}
	for i := range MaxDocuments {
		there, _, err := place(tx, i+1)
		switch {
		case err != nil:
			return err
		case there == name:
			return errors.New("kept already")
		case there == "":
			return tx.Exec(1, `UPDATE {m}.documents SET content = ? WHERE place = ?`, encodePlace(name, content), i+1)
		}
	}
	return errors.New("all places are taken")
}

// Document returns a kept document.
func Document(tx *database.Tx, name string) ([]byte, error) {
	for i := range MaxDocuments {
		there, content, err := place(tx, i+1)
		if err != nil {
			return nil, fmt.Errorf("reading %q: %w", name, err)
		}
		if there == name && name != "" {
			return content, nil
		}
	}
	return nil, fmt.Errorf("reading %q: %w", name, ErrNoDocument)
}

func place(tx *database.Tx, n int) (name string, content []byte, err error) {
	var b []byte
	if err := tx.QueryRow(`SELECT content FROM {m}.documents WHERE place = ?`, n).Scan(&b); err != nil {
		return "", nil, err
	}
	return decodePlace(b)
}

func encodePlace(name string, content []byte) []byte {
	b := make([]byte, placeSize)
	b[0] = byte(len(name))
	copy(b[1:], name)
	binary.BigEndian.PutUint32(b[1+MaxName:], uint32(len(content)))
	copy(b[1+MaxName+4:], content)
	return b
}

func decodePlace(b []byte) (name string, content []byte, err error) {
	if len(b) != placeSize || b[0] > MaxName {
		return "", nil, errDamaged
	}
	n := binary.BigEndian.Uint32(b[1+MaxName:])
	if n > MaxDocument {
		return "", nil, errDamaged
	}
	name, content = string(b[1:1+b[0]]), b[1+MaxName+4:][:n]
	if !bytes.Equal(b, encodePlace(name, content)) || name == "" && n > 0 {
		return "", nil, errDamaged
	}
	return name, content, nil
}
