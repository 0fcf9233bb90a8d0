package keygen

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/openreferendum/referendum/record"
)

// Receive takes over the ceremony's documents that another folder has and this
// one lacks. Each must bear its trustee's signature, and a document that both
// have must be the same in both: otherwise it is an *Equivocation. Before there
// is a manifest, there are only enrolments.
func (f Folder) Receive(other Folder) error {
	due, err := f.receiveManifest(other)
	if err != nil {
		return err
	}
	var problems []error
	for _, d := range due {
		if err := f.receive(d, other); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// receiveManifest takes over the manifest and returns the documents that it
// allows.
func (f Folder) receiveManifest(other Folder) ([]document, error) {
	manifest, err := other.Manifest()
	if errors.Is(err, fs.ErrNotExist) {
		return enrolments(), nil
	}
	if err != nil {
		return nil, err
	}
	m, err := record.ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	return documents(m, record.ManifestHash(manifest)), f.Put(record.ManifestFile, manifest)
}

// A NoDocument is the error for a file that stands where a trustee's document
// belongs and is none. The program says how to get the document again.
type NoDocument struct {
	File string
	err  error
}

func (e *NoDocument) Error() string { return e.err.Error() }

// Unwrap returns what is wrong with the file.
func (e *NoDocument) Unwrap() error { return e.err }

func (f Folder) receive(d document, other Folder) error {
	b, err := record.ReadFile(other.FS(), d.name, maxDocument)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &NoDocument{d.name, err}
	}
	if err := d.check(b); err != nil {
		return &NoDocument{d.name, fmt.Errorf("%s: %w", d.name, err)}
	}
	err = f.Put(d.name, b)
	if !errors.Is(err, ErrOtherContent) {
		return err
	}
	there, readErr := record.ReadFile(f.FS(), d.name, maxDocument)
	if readErr != nil || d.check(there) != nil {
		return err
	}
	// What the trustee signed first stays where it is; the second is kept beside
	// it, so that both can be shown.
	evidence := fmt.Sprintf("evidence/%s-%v", filepath.Base(d.name), record.FileHash(b))
	return errors.Join(&Equivocation{d.trustee, d.name}, f.Put(evidence, b))
}
