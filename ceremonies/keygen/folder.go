package keygen

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
)

// A Folder is where a trustee keeps the public documents of the ceremony: its
// own and the others', carried by hand. It is laid out like the record.
type Folder string

// ErrOtherContent is wrapped when a document is there already with another
// content: somebody published two different documents in one round, or files
// were mixed up. The ceremony stops.
var ErrOtherContent = errors.New("is there already, with another content")

// FS returns the folder as a file system.
func (f Folder) FS() fs.FS { return os.DirFS(string(f)) }

// Publish writes a document of a round; doing it again with the same content is
// no error.
func (f Folder) Publish(name string, v any) error {
	b, err := record.Marshal(v)
	if err != nil {
		return err
	}
	return f.Put(name, b)
}

// Put writes a file, or compares it with what is there.
func (f Folder) Put(name string, b []byte) error {
	path := filepath.Join(string(f), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	err := durable.WriteFile(path, b, 0o644)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	there, err := record.ReadFile(f.FS(), name, record.MaxDocument)
	if err != nil {
		return err
	}
	if !bytes.Equal(there, b) {
		return fmt.Errorf("%s %w", name, ErrOtherContent)
	}
	return nil
}

// Receive takes over the ceremony's documents that another folder has and this
// one lacks. A document that both have must be the same in both.
func (f Folder) Receive(other Folder) error {
	return fs.WalkDir(other.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := record.ReadFile(other.FS(), name, record.MaxDocument)
		if err != nil {
			return err
		}
		return f.Put(name, b)
	})
}

// Manifest reads the manifest's bytes.
func (f Folder) Manifest() ([]byte, error) {
	return record.ReadFile(f.FS(), record.ManifestFile, record.MaxDocument)
}

// Commitments reads all commitments of round 1.
func (f Folder) Commitments(n int) ([]record.Signed[record.Commitment], error) {
	return readAll[record.Signed[record.Commitment]](n, func(i int) (*record.Signed[record.Commitment], error) {
		return record.ReadSigned[record.Commitment](f.FS(), record.CommitmentFile(i))
	})
}

// Transcript reads rounds 0 to 2, without the confirmations.
func (f Folder) Transcript(n int) (*record.Ceremony, error) {
	c := new(record.Ceremony)
	var err error
	if c.Enrolments, err = readAll[record.Signed[record.Enrolment]](n, func(i int) (*record.Signed[record.Enrolment], error) {
		return record.ReadSigned[record.Enrolment](f.FS(), record.EnrolmentFile(i))
	}); err != nil {
		return nil, err
	}
	if c.Commitments, err = f.Commitments(n); err != nil {
		return nil, err
	}
	c.Reveals, err = readAll[record.Signed[record.Reveal]](n, func(i int) (*record.Signed[record.Reveal], error) {
		return record.ReadSigned[record.Reveal](f.FS(), record.RevealFile(i))
	})
	return c, err
}

func readAll[T any](n int, read func(i int) (*T, error)) ([]T, error) {
	var all []T
	for i := 1; i <= n; i++ {
		v, err := read(i)
		if err != nil {
			return nil, err
		}
		all = append(all, *v)
	}
	return all, nil
}

// Finish checks the complete transcript and writes joint-key.json.
func (f Folder) Finish() (*record.JointKey, error) {
	manifest, err := f.Manifest()
	if err != nil {
		return nil, err
	}
	m, err := record.ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	c, err := record.ReadCeremony(f.FS(), len(m.Trustees))
	if err != nil {
		return nil, err
	}
	j, err := JointKey(manifest, c)
	if err != nil {
		return nil, err
	}
	return j, f.Publish(record.JointKeyFile, j)
}
