package office

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
)

var (
	// ErrMissing is returned by Aggregate while bundles are missing and it was not
	// told to go on without them.
	ErrMissing = errors.New("stations without a bundle")

	// ErrOtherRequest is returned when a request was signed for other sums than
	// those of the bundles that are there now. A second one is never signed:
	// trustees answer once, and the difference of two sums could be one ballot.
	ErrOtherRequest = errors.New("the request that is signed asks for other sums than the bundles in the record give")

	// ErrCeremony is returned when the ceremony in the record no longer holds. No
	// trustee would answer over it, and no verifier accept it.
	ErrCeremony = errors.New("the ceremony in the record was damaged since the count began")
)

// Stations lists the imported and the missing stations, in the manifest's
// order.
func (o *Office) Stations() (imported, missing []string, err error) {
	entries, err := os.ReadDir(o.path(record.StationsDir))
	if err != nil {
		return nil, nil, err
	}
	there := map[string]bool{}
	for _, entry := range entries {
		there[entry.Name()] = true
	}
	for _, s := range o.e.Manifest.Stations {
		if there[s.ID] {
			imported = append(imported, s.ID)
		} else {
			missing = append(missing, s.ID)
		}
	}
	return imported, missing, nil
}

// Aggregate adds up the imported bundles and writes aggregates.json, the
// decryption request. While bundles are missing it needs to be told to go on
// without them: the error wraps ErrMissing and names them. A request that is
// there already is compared with the bundles, and nothing is signed again.
func (o *Office) Aggregate(authority crypto.Signer, withoutMissing bool, workers int, progress func(done, total int64)) (*record.Aggregates, error) {
	a, err := o.aggregate(authority, withoutMissing, workers, progress)
	if err != nil {
		return nil, fmt.Errorf("aggregating: %w", err)
	}
	return a, nil
}

func (o *Office) aggregate(authority crypto.Signer, withoutMissing bool, workers int, progress func(done, total int64)) (*record.Aggregates, error) {
	unlock, err := o.lock(alone)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := o.tidy(); err != nil {
		return nil, err
	}
	if o.has(record.AggregatesFile) {
		a, _, err := o.recheck(workers, progress)
		return a, err
	}
	cast, sums, err := o.collect(withoutMissing, workers, progress)
	if err != nil {
		return nil, err
	}
	a, err := tally.Aggregate(o.e, cast, sums, authority)
	if err != nil {
		return nil, err
	}
	return &a.Body, putDocument(o.path(record.AggregatesFile), a)
}

// Sums is Aggregate without signing and writing: what would be asked.
func (o *Office) Sums(withoutMissing bool, workers int, progress func(done, total int64)) (*record.Aggregates, error) {
	cast, sums, err := o.collect(withoutMissing, workers, progress)
	if err != nil {
		return nil, fmt.Errorf("aggregating: %w", err)
	}
	a, err := tally.Request(o.e, cast, sums)
	if err != nil {
		return nil, fmt.Errorf("aggregating: %w", err)
	}
	return &a, nil
}

// collect checks again everything that has been taken over, and adds up.
func (o *Office) collect(withoutMissing bool, workers int, progress func(done, total int64)) (map[string]uint32, map[string]*record.Sum, error) {
	if err := o.ceremonyHolds(); err != nil {
		return nil, nil, err
	}
	imported, missing, err := o.Stations()
	if err != nil {
		return nil, nil, err
	}
	if len(imported) == 0 {
		return nil, nil, fmt.Errorf("%w: all of them", ErrMissing)
	}
	if len(missing) > 0 && !withoutMissing {
		return nil, nil, fmt.Errorf("%w: %q", ErrMissing, missing)
	}
	return tally.Collect(o.e, imported, o.station, workers, progress)
}

func (o *Office) ceremonyHolds() error {
	if err := tally.CheckCeremony(o.e, o.FS()); err != nil {
		return fmt.Errorf("%w: %w", ErrCeremony, err)
	}
	return nil
}

func (o *Office) station(id string) (fs.FS, error) {
	path := o.path(record.StationFile(id, "."))
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", path)
	}
	return os.DirFS(path), nil
}

// recheck reads the request and compares it with the bundles.
func (o *Office) recheck(workers int, progress func(done, total int64)) (*record.Aggregates, record.Hash, error) {
	a, hash, err := o.request()
	if err != nil {
		return nil, hash, err
	}
	cast, sums, err := o.collect(true, workers, progress)
	if err != nil {
		return nil, hash, err
	}
	want, err := record.Marshal(record.NewAggregates(o.e, cast, sums))
	if err != nil {
		return nil, hash, err
	}
	if got, err := record.Marshal(a); err != nil || !bytes.Equal(got, want) {
		return nil, hash, ErrOtherRequest
	}
	return a, hash, nil
}

// request reads what is to be decrypted, and checks who signed it.
func (o *Office) request() (*record.Aggregates, record.Hash, error) {
	b, err := record.ReadFile(o.FS(), record.AggregatesFile, record.MaxDocument)
	if err != nil {
		return nil, record.Hash{}, err
	}
	hash := record.FileHash(b)
	a, err := record.ParseSigned[record.Aggregates](b)
	if err != nil {
		return nil, hash, err
	}
	if err := tally.CheckAuthority(o.e, a); err != nil {
		return nil, hash, fmt.Errorf("%s: %w", record.AggregatesFile, err)
	}
	return &a.Body, hash, nil
}
