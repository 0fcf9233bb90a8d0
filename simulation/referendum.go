package simulation

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/openreferendum/referendum/ceremonies/decryption"
	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/simulation/paper"
	"github.com/openreferendum/referendum/station/slip/raster"
	"github.com/openreferendum/referendum/station/stationtest"
	"github.com/openreferendum/referendum/tally/office"
)

// Passphrase is that of every secret that a simulation leaves on the disk. It
// guards nothing: it lets a person go on by hand with the programs.
const Passphrase = "simulation, not a secret"

// workFactor is scrypt's in a simulation.
const workFactor = 10

// keptReceipts is how many receipts of each station are kept to be looked at;
// the others are in the voters' hands.
const keptReceipts = 6

// A Referendum is a plan that is being played, in a folder:
//
//	ceremony/trustee-I/         private folder of trustee I
//	ceremony/exchange/          the public documents, carried from hand to hand
//	authority.age               the authority's signing key
//	stations/ID/package/        what was carried to the station
//	stations/ID/machine/        its database, and on second-medium/ the copy
//	media-a/ID/, media-b/ID/    its bundle on two media
//	record/                     the count, and in the end the published record
type Referendum struct {
	Plan    *Plan
	Dir     string
	Workers int
	Random  io.Reader // of all keys, nonces and proofs; crypto/rand.Reader from New

	// DiscardDatabases removes a station's databases when its bundle is on both
	// media. Those of a whole nation need some 200 GB.
	DiscardDatabases bool

	// Devices, if not nil, lets stations vote through the drivers of devices.
	Devices *Devices

	// Quick leaves out machines, cards and paper: see quickDay. It is refused for a
	// live vote.
	Quick bool

	Election *record.Election
	Papers   map[string]*paper.Paper // by station
	Office   *office.Office

	authority provisioning.SecretKey
	keys      map[string]provisioning.SecretKey   // of stations
	officials map[string][]provisioning.SecretKey // of stations
	cards     cards
	choices   sync.Map            // by station, of a quick day: counts by question and option
	request   *decryption.Request // of a quick rehearsal
}

// New prepares to play the plan in a folder that does not exist.
func New(p *Plan, dir string, workers int) (*Referendum, error) {
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("%s is there already", dir)
	}
	if p.Threshold < 1 || p.Trustees < p.Threshold {
		return nil, fmt.Errorf("%d of %d trustees", p.Threshold, p.Trustees)
	}
	drawing := raster.New()
	r := &Referendum{
		Plan: p, Dir: dir, Workers: max(1, workers), Random: rand.Reader, Papers: map[string]*paper.Paper{},
		keys: map[string]provisioning.SecretKey{}, officials: map[string][]provisioning.SecretKey{},
		cards: cards{authority: stationtest.NewAuthority("Test eID Authority (simulation)")},
	}
	for _, s := range p.Stations {
		r.Papers[s.ID] = paper.New(drawing, keptReceipts)
	}
	return r, nil
}

// clock is that of every machine: two hours after the polls opened. The virtual
// cards are valid then.
func (r *Referendum) clock() time.Time { return r.Plan.Day.Add(2 * time.Hour) }

func (r *Referendum) path(parts ...string) string {
	return filepath.Join(append([]string{r.Dir}, parts...)...)
}

// Trustee returns the private folder of trustee i, from 1.
func (r *Referendum) Trustee(i int) keygen.Trustee {
	return keygen.Trustee{Dir: r.path("ceremony", fmt.Sprintf("trustee-%d", i))}
}

// Exchange is the folder that trustees hand on.
func (r *Referendum) Exchange() keygen.Folder { return keygen.Folder(r.path("ceremony", "exchange")) }

// AuthorityFile holds the authority's signing key.
func (r *Referendum) AuthorityFile() string { return r.path("authority.age") }

// Media are the folders that stand for the two media of the transport.
func (r *Referendum) Media() [2]string { return [2]string{r.path("media-a"), r.path("media-b")} }

// RecordDir is the folder of the record.
func (r *Referendum) RecordDir() string { return r.path("record") }

// each runs f for every station with as many workers and joins the errors.
// After an error no further station is begun.
func (r *Referendum) each(workers int, f func(*StationPlan) error) error {
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		errs  []error
		queue = make(chan *StationPlan)
	)
	failed := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(errs) > 0
	}
	for range workers {
		wg.Go(func() {
			for s := range queue {
				if err := f(s); err != nil {
					mu.Lock()
					errs = append(errs, fmt.Errorf("station %s: %w", s.ID, err))
					mu.Unlock()
				}
			}
		})
	}
	for i := range r.Plan.Stations {
		if failed() {
			break
		}
		queue <- &r.Plan.Stations[i]
	}
	close(queue)
	wg.Wait()
	return errors.Join(errs...)
}

// counter counts up to a total, from several goroutines.
func counter(total int, progress func(done, total int64)) func() {
	var mu sync.Mutex
	done := int64(0)
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		if progress != nil {
			progress(done, max(done, int64(total)))
		}
	}
}
