package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// Names of the files of a record: docs/spec/record.md, Section 1. All paths are
// slash-separated and relative to the record's folder.
const (
	ManifestFile   = "manifest.json"
	JointKeyFile   = "joint-key.json"
	AggregatesFile = "aggregates.json"
	ResultFile     = "result.json"
	InventoryFile  = "inventory.json"

	StationsDir    = "stations"
	CheckpointFile = "checkpoint" // in a station's folder, as are the following
	ClosingFile    = "closing.json"
	BallotsFile    = "ballots"
	ChallengedFile = "challenged"
)

// EnrolmentFile names trustee i's enrolment.
func EnrolmentFile(i int) string { return fmt.Sprintf("ceremony/enrolment-%d.json", i) }

// CommitmentFile names trustee i's commitment.
func CommitmentFile(i int) string { return fmt.Sprintf("ceremony/commitment-%d.json", i) }

// RevealFile names trustee i's reveal.
func RevealFile(i int) string { return fmt.Sprintf("ceremony/reveal-%d.json", i) }

// ConfirmationFile names trustee i's confirmation.
func ConfirmationFile(i int) string { return fmt.Sprintf("ceremony/confirmation-%d.json", i) }

// DecryptionFile names trustee i's partial decryptions.
func DecryptionFile(i int) string { return fmt.Sprintf("decryption/trustee-%d.json", i) }

// StationFile names a file of a station.
func StationFile(station, file string) string { return path.Join(StationsDir, station, file) }

// ReadFile reads a whole file of at most limit bytes; a larger one is an error.
func ReadFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := openRegular(fsys, name)
	if err != nil {
		return nil, reading(name, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, reading(name, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("reading %s: larger than %d bytes", name, limit)
	}
	return b, nil
}

// openRegular opens a regular file. It looks before it opens: to open a pipe
// that somebody put into a record would wait for ever.
func openRegular(fsys fs.FS, name string) (fs.File, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("is a directory")
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	}
	return fsys.Open(name)
}

// reading says what is wrong with a file in words that do not depend on the
// operating system; errors.Is still finds the cause.
func reading(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading %s: no such file%w", name, quiet{err})
	}
	return fmt.Errorf("reading %s: %w", name, err)
}

// quiet wraps an error without adding its words.
type quiet struct{ err error }

func (quiet) Error() string   { return "" }
func (q quiet) Unwrap() error { return q.err }

// ReadElection reads the manifest and the joint key of a record or bundle.
func ReadElection(fsys fs.FS) (*Election, error) {
	m, err := ReadFile(fsys, ManifestFile, MaxDocument)
	if err != nil {
		return nil, err
	}
	j, err := ReadFile(fsys, JointKeyFile, maxCeremony)
	if err != nil {
		return nil, err
	}
	return NewElection(m, j)
}

// ReadSigned reads a signed document; the type says of which kind.
func ReadSigned[T body](fsys fs.FS, name string) (*Signed[T], error) {
	var zero T
	b, err := ReadFile(fsys, name, limitOf(zero.kind()))
	if err != nil {
		return nil, err
	}
	s, err := ParseSigned[T](b)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return s, nil
}

// ReadCeremony reads the transcript of n trustees.
func ReadCeremony(fsys fs.FS, n int) (*Ceremony, error) {
	c := new(Ceremony)
	for i := 1; i <= n; i++ {
		if err := errors.Join(
			readInto(fsys, EnrolmentFile(i), &c.Enrolments),
			readInto(fsys, CommitmentFile(i), &c.Commitments),
			readInto(fsys, RevealFile(i), &c.Reveals),
			readInto(fsys, ConfirmationFile(i), &c.Confirmations),
		); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func readInto[T body](fsys fs.FS, name string, list *[]Signed[T]) error {
	s, err := ReadSigned[T](fsys, name)
	if err != nil {
		return err
	}
	*list = append(*list, *s)
	return nil
}
