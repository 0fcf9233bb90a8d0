package keygen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
)

// A Folder holds the public documents of one ceremony, laid out like the
// record: the folder that is carried from trustee to trustee, and the copy that
// each trustee keeps of what it has seen.
type Folder string

// ErrOtherContent is wrapped when a document is there already with another
// content. The ceremony stops.
var ErrOtherContent = errors.New("is there already, with another content")

// An Equivocation is the error for two different documents of one round that
// bear the same trustee's valid signature. Both are kept as evidence.
type Equivocation struct {
	Trustee int
	File    string
}

func (e *Equivocation) Error() string {
	return fmt.Sprintf("trustee %d has signed two different documents: %s", e.Trustee, e.File)
}

// Unwrap returns ErrOtherContent.
func (e *Equivocation) Unwrap() error { return ErrOtherContent }

// FS returns the folder as a file system of regular files: it was carried, and
// others have written to it.
func (f Folder) FS() fs.FS { return durable.RegularFiles(string(f)) }

func (f Folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

func (f Folder) has(name string) bool {
	_, err := os.Lstat(f.path(name))
	return err == nil
}

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
	path := f.path(name)
	dir := filepath.Dir(path)
	if info, err := os.Lstat(dir); err == nil && dir != filepath.Clean(string(f)) && !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir) // a link could lead anywhere
	}
	if err := makeFolder(dir, 0o755); err != nil {
		return err
	}
	err := durable.PutFile(path, b, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s %w", name, ErrOtherContent)
	}
	return err
}

// makeFolder makes a folder and those above it, and has them on the disk when
// it returns.
func makeFolder(path string, perm fs.FileMode) error {
	if info, err := os.Stat(path); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is not a folder", path)
		}
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := makeFolder(parent, perm); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, perm); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return durable.SyncFolder(parent)
}

// Manifest reads the manifest's bytes.
func (f Folder) Manifest() ([]byte, error) {
	return record.ReadFile(f.FS(), record.ManifestFile, record.MaxDocument)
}

// Enrolments reads all enrolments of round 0.
func (f Folder) Enrolments(n int) ([]record.Signed[record.Enrolment], error) {
	return readAll(n, func(i int) (*record.Signed[record.Enrolment], error) {
		return record.ReadSigned[record.Enrolment](f.FS(), record.EnrolmentFile(i))
	})
}

// Commitments reads all commitments of round 1.
func (f Folder) Commitments(n int) ([]record.Signed[record.Commitment], error) {
	return readAll(n, func(i int) (*record.Signed[record.Commitment], error) {
		return record.ReadSigned[record.Commitment](f.FS(), record.CommitmentFile(i))
	})
}

// Transcript reads rounds 0 to 2, without the confirmations.
func (f Folder) Transcript(n int) (*record.Ceremony, error) {
	c := new(record.Ceremony)
	var err error
	if c.Enrolments, err = f.Enrolments(n); err != nil {
		return nil, err
	}
	if c.Commitments, err = f.Commitments(n); err != nil {
		return nil, err
	}
	c.Reveals, err = readAll(n, func(i int) (*record.Signed[record.Reveal], error) {
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

// Finish checks the complete transcript and writes joint-key.json. It refuses a
// ceremony in which somebody has complained.
func (f Folder) Finish() (*record.JointKey, error) {
	s, err := f.Status()
	if err != nil {
		return nil, err
	}
	if err := s.Void(); err != nil {
		return nil, err
	}
	manifest, err := f.Manifest()
	if err != nil {
		return nil, err
	}
	c, err := record.ReadCeremony(f.FS(), len(s.Manifest.Trustees))
	if err != nil {
		return nil, err
	}
	j, err := JointKey(manifest, c)
	if err != nil {
		return nil, err
	}
	return j, f.Publish(record.JointKeyFile, j)
}

// Judge is the function Judge over the documents in the folder.
func (f Folder) Judge(accuser, accused int) (cheater int, why string, err error) {
	manifest, err := f.Manifest()
	if err != nil {
		return 0, "", err
	}
	var c Case
	if c.Complaint, err = record.ReadSigned[record.Complaint](f.FS(), ComplaintFile(accuser, accused)); err != nil {
		return 0, "", err
	}
	if c.Reveal, err = record.ReadSigned[record.Reveal](f.FS(), record.RevealFile(accused)); err != nil {
		return 0, "", err
	}
	if c.Defence, err = ifThere(record.ReadSigned[record.Defence](f.FS(), DefenceFile(accused, accuser))); err != nil {
		return 0, "", err
	}
	if c.Confirmation, err = ifThere(record.ReadSigned[record.Confirmation](f.FS(), record.ConfirmationFile(accuser))); err != nil {
		return 0, "", err
	}
	return Judge(manifest, c)
}

// ifThere returns nil for a document that is not there.
func ifThere[T any](document *T, err error) (*T, error) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return document, err
}
