// Package office is the counting on disk: a record that grows step by step in a
// folder, from the empty one with manifest and ceremony to the published one.
//
// Every step writes whole files under names that did not exist, so each can be
// interrupted and done again; what is there already is compared, and never
// replaced.
package office

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
)

// An Office counts one election in one folder.
type Office struct {
	dir string
	e   *record.Election
}

// ErrTwice is returned for a bundle that was imported before. The operator is
// told so; nothing has changed.
var ErrTwice = errors.New("this station's bundle was imported before")

// ErrMissing is returned by Aggregate while bundles are missing and it was not
// told to go on without them.
var ErrMissing = errors.New("stations without a bundle")

// Begin makes the folder of a record from the folder of the key ceremony:
// manifest, joint key, transcript.
func Begin(ceremony, dir string) (*Office, error) {
	from := os.DirFS(ceremony)
	e, err := record.ReadElection(from)
	if err != nil {
		return nil, fmt.Errorf("beginning the count: %w", err)
	}
	if _, err := record.ReadCeremony(from, len(e.Manifest.Trustees)); err != nil {
		return nil, fmt.Errorf("beginning the count: %w", err)
	}
	names := []string{record.ManifestFile, record.JointKeyFile}
	for i := range e.Manifest.Trustees {
		names = append(names, record.EnrolmentFile(i+1), record.CommitmentFile(i+1), record.RevealFile(i+1), record.ConfirmationFile(i+1))
	}
	for _, d := range []string{"", "ceremony", record.StationsDir, "decryption"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, fmt.Errorf("beginning the count: %w", err)
		}
	}
	for _, name := range names {
		b, err := record.ReadFile(from, name, record.MaxDocument)
		if err != nil {
			return nil, fmt.Errorf("beginning the count: %w", err)
		}
		if err := put(filepath.Join(dir, name), b); err != nil {
			return nil, fmt.Errorf("beginning the count: %w", err)
		}
	}
	return Open(dir)
}

// Open goes on with a count.
func Open(dir string) (*Office, error) {
	e, err := record.ReadElection(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	return &Office{dir, e}, nil
}

// put writes a file, or compares with what is there.
func put(path string, b []byte) error {
	err := durable.WriteFile(path, b, 0o644)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	there, err := durable.ReadFile(path, int64(len(b)))
	if err != nil {
		return err
	}
	if !bytes.Equal(there, b) {
		return fmt.Errorf("%s is there already, with another content", path)
	}
	return nil
}

func putDocument(path string, v any) error {
	b, err := record.Marshal(v)
	if err != nil {
		return err
	}
	return put(path, b)
}

// Election returns what is counted.
func (o *Office) Election() *record.Election { return o.e }

// FS returns the record so far.
func (o *Office) FS() fs.FS { return os.DirFS(o.dir) }

func (o *Office) path(name string) string { return filepath.Join(o.dir, filepath.FromSlash(name)) }

// Import checks a bundle completely and takes it into the record. A refused
// bundle is a *tally.Refusal, and leaves nothing behind.
func (o *Office) Import(bundle string, progress func()) (*tally.Bundle, error) {
	dir := os.DirFS(bundle)
	station, err := tally.BundleStation(dir)
	if err != nil {
		return nil, err
	}
	if _, ok := o.e.Station(station); !ok {
		return nil, &tally.Refusal{Station: station, Problems: []error{errors.New("the manifest has no such station")}}
	}
	if _, err := os.Lstat(o.path(record.StationFile(station, "."))); err == nil {
		return nil, fmt.Errorf("station %q: %w", station, ErrTwice)
	}
	if _, err := os.Lstat(o.path(record.AggregatesFile)); err == nil {
		return nil, errors.New("the sums to be decrypted are signed already; no bundle can be added to them")
	}
	if _, err := tally.Check(o.e, dir, station, progress); err != nil {
		return nil, err
	}
	files := map[string]durable.Source{}
	for _, name := range tally.BundleFiles {
		files[name] = copyOf(dir, name)
	}
	path := o.path(record.StationFile(station, "."))
	if err := durable.WriteFolder(path, files, 0o644); err != nil {
		return nil, fmt.Errorf("importing station %q: %w", station, err)
	}
	// What was copied is looked at again: the medium may have changed under us.
	b, err := tally.Recheck(o.e, os.DirFS(path), station)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	return b, nil
}

func copyOf(dir fs.FS, name string) durable.Source {
	return func(w io.Writer) error {
		f, err := dir.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	}
}

// Stations lists the imported and the missing stations, in the manifest's
// order.
func (o *Office) Stations() (imported, missing []string, err error) {
	entries, err := os.ReadDir(o.path(record.StationsDir))
	if err != nil {
		return nil, nil, err
	}
	for _, s := range o.e.Manifest.Stations {
		if slices.ContainsFunc(entries, func(d fs.DirEntry) bool { return d.Name() == s.ID }) {
			imported = append(imported, s.ID)
		} else {
			missing = append(missing, s.ID)
		}
	}
	return imported, missing, nil
}

// Aggregate adds up the imported bundles and writes aggregates.json, the
// decryption request. While bundles are missing it needs to be told to go on
// without them: the error wraps ErrMissing and names them.
func (o *Office) Aggregate(authority crypto.Signer, withoutMissing bool, workers int, progress func(done, total int64)) (*record.Aggregates, error) {
	imported, missing, err := o.Stations()
	if err != nil {
		return nil, fmt.Errorf("aggregating: %w", err)
	}
	if len(missing) > 0 && !withoutMissing {
		return nil, fmt.Errorf("aggregating: %w: %q", ErrMissing, missing)
	}
	cast, sums, err := tally.Collect(o.e, imported, func(id string) (fs.FS, error) { return fs.Sub(o.FS(), record.StationFile(id, "")) }, workers, progress)
	if err != nil {
		return nil, fmt.Errorf("aggregating: %w", err)
	}
	a, err := tally.Aggregate(o.e, cast, sums, authority)
	if err != nil {
		return nil, fmt.Errorf("aggregating: %w", err)
	}
	return &a.Body, putDocument(o.path(record.AggregatesFile), a)
}

// aggregates reads what is to be decrypted.
func (o *Office) aggregates() (*record.Signed[record.Aggregates], record.Hash, error) {
	b, err := record.ReadFile(o.FS(), record.AggregatesFile, record.MaxDocument)
	if err != nil {
		return nil, record.Hash{}, err
	}
	a, err := record.ParseSigned[record.Aggregates](b)
	return a, record.FileHash(b), err
}

// Accept checks a trustee's answer and takes it into the record. A wrong one is
// refused with the trustee's name, and the others' answers still serve.
func (o *Office) Accept(answer []byte) (trustee int, err error) {
	d, err := record.ParseSigned[record.Decryption](answer)
	if err != nil {
		return 0, err
	}
	a, hash, err := o.aggregates()
	if err != nil {
		return 0, err
	}
	i := d.Body.Trustee
	if err := record.CheckDecryption(o.e, &a.Body, hash, i, d); err != nil {
		if i <= len(o.e.Manifest.Trustees) {
			return i, fmt.Errorf("answer of trustee %d (%s) is refused: %w", i, o.e.Manifest.Trustees[i-1].Name, err)
		}
		return i, err
	}
	if err := put(o.path(record.DecryptionFile(i)), answer); err != nil {
		return i, fmt.Errorf("keeping the answer of trustee %d: %w", i, err)
	}
	return i, nil
}

// Answers reads the accepted answers.
func (o *Office) Answers() ([]*record.Decryption, error) {
	var all []*record.Decryption
	for i := range o.e.Manifest.Trustees {
		d, err := record.ReadSigned[record.Decryption](o.FS(), record.DecryptionFile(i+1))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, &d.Body)
	}
	return all, nil
}

// Publish combines the answers, decides, and writes result and inventory: the
// record is complete.
func (o *Office) Publish(authority crypto.Signer) (*record.Result, error) {
	a, hash, err := o.aggregates()
	if err != nil {
		return nil, fmt.Errorf("publishing: %w", err)
	}
	answers, err := o.Answers()
	if err != nil {
		return nil, fmt.Errorf("publishing: %w", err)
	}
	for _, d := range answers {
		signed, err := record.ReadSigned[record.Decryption](o.FS(), record.DecryptionFile(d.Trustee))
		if err != nil {
			return nil, fmt.Errorf("publishing: %w", err)
		}
		if err := record.CheckDecryption(o.e, &a.Body, hash, d.Trustee, signed); err != nil {
			return nil, fmt.Errorf("publishing: %w", err)
		}
	}
	r, err := tally.Decide(o.e, &a.Body, answers, authority)
	if err != nil {
		return nil, fmt.Errorf("publishing: %w", err)
	}
	if err := putDocument(o.path(record.ResultFile), r); err != nil {
		return nil, fmt.Errorf("publishing: %w", err)
	}
	inventory := &record.Signed[record.Inventory]{}
	if inventory.Body, err = record.TakeInventory(o.e, o.FS()); err != nil {
		return nil, fmt.Errorf("publishing: %w", err)
	}
	if err := inventory.Sign(record.SignerAuthority, authority); err != nil {
		return nil, fmt.Errorf("publishing: %w", err)
	}
	return &r.Body, putDocument(o.path(record.InventoryFile), inventory)
}
