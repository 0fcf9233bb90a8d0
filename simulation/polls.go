package simulation

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/machine"
)

// Provision is the second step: roll, package, key and database of every
// station. progress counts stations.
func (r *Referendum) Provision(progress func(done, total int64)) error {
	if r.Quick {
		return nil
	}
	tick := counter(len(r.Plan.Stations), progress)
	return r.each(r.Workers, func(s *StationPlan) error {
		defer tick()
		return r.provision(s)
	})
}

func (r *Referendum) stationPath(s *StationPlan, parts ...string) string {
	return r.path(append([]string{"stations", s.ID}, parts...)...)
}

func (r *Referendum) database(s *StationPlan) database.Config {
	return database.Config{Main: r.stationPath(s, "machine", "station.db"), Mirror: r.stationPath(s, "second-medium", "station.db")}
}

func (r *Referendum) provision(s *StationPlan) error {
	for _, folder := range []string{"machine", "second-medium"} {
		if err := os.MkdirAll(r.stationPath(s, folder), 0o700); err != nil {
			return err
		}
	}
	if err := r.carryPackage(s); err != nil {
		return err
	}
	if err := provisioning.WriteKey(r.stationPath(s, "machine", "key.age"), r.keys[s.ID], Passphrase, workFactor); err != nil {
		return err
	}
	if r.Devices != nil {
		_, err := kiosk.Provision(r.kioskConfig(s), r.keys[s.ID], softwareHash(), r.clock())
		return err
	}
	p, err := provisioning.ReadPackage(os.DirFS(r.stationPath(s, "package")), s.ID, r.keys[s.ID].Public())
	if err != nil {
		return err
	}
	db, err := database.Create(r.database(s))
	if err != nil {
		return err
	}
	return errors.Join(machine.Provision(db, p.Election, s.ID, p.Roll), db.Close())
}

// carryPackage writes the folder that the authority sends to the station.
func (r *Referendum) carryPackage(s *StationPlan) error {
	var holders []string
	for i := range int(s.Registered) {
		holders = append(holders, holder(s.ID, i))
	}
	roll, err := provisioning.Roll(r.Election, s.ID, holders, r.authority)
	if err != nil {
		return err
	}
	b, err := record.Marshal(roll)
	if err != nil {
		return err
	}
	revoked := r.cards.revoked()
	files, err := provisioning.Pack(r.Exchange().FS(), s.ID, b, [][]byte{r.cards.authority.Certificate.Raw}, [][]byte{revoked})
	if err != nil {
		return err
	}
	sources := map[string]durable.Source{}
	for name, content := range files {
		sources[name] = durable.Content(content)
	}
	return durable.WriteFolder(r.stationPath(s, "package"), sources, 0o600)
}

// openStations is how many stations are open at once, for each processor: they
// wait for their disks most of the time.
const openStations = 4

// Vote is the third and fourth step: every station opens, lets its voters vote,
// closes, signs and writes its bundle to two media. progress counts voters.
func (r *Referendum) Vote(progress func(done, total int64)) error {
	for _, m := range r.Media() {
		if err := os.MkdirAll(m, 0o755); err != nil {
			return err
		}
	}
	tick := counter(r.Plan.Voters(), progress)
	if r.Quick {
		if r.Plan.Kind == record.Live {
			return errors.New("a live vote needs stations")
		}
		return r.each(r.Workers, func(s *StationPlan) error { return r.quickDay(s, tick) })
	}
	if r.Devices != nil {
		return r.each(1, func(s *StationPlan) error { return r.dayOnDevices(s, tick) })
	}
	return r.each(openStations*r.Workers, func(s *StationPlan) error { return r.day(s, tick) })
}

func (r *Referendum) day(s *StationPlan, tick func()) error {
	db, err := database.Open(r.database(s))
	if err != nil {
		return err
	}
	if err := errors.Join(r.polls(s, db, tick), db.Close()); err != nil {
		return err
	}
	if !r.DiscardDatabases {
		return nil
	}
	return errors.Join(os.RemoveAll(r.stationPath(s, "machine")), os.RemoveAll(r.stationPath(s, "second-medium")))
}

func (r *Referendum) polls(s *StationPlan, db *database.DB, tick func()) error {
	m, err := r.start(s, db)
	if err != nil {
		return err
	}
	if err := m.OpenPolls(1); err != nil {
		return err
	}
	if err := r.voters(s, m, tick); err != nil {
		return err
	}
	if err := m.ClosePolls(r.officialsOf(s.ID)); err != nil {
		return err
	}
	media := r.Media()
	return m.Export(media[0], media[1])
}

func (r *Referendum) start(s *StationPlan, db *database.DB) (*machine.Machine, error) {
	p, err := provisioning.ReadPackage(os.DirFS(r.stationPath(s, "package")), s.ID, r.keys[s.ID].Public())
	if err != nil {
		return nil, err
	}
	check := station.CardCheck{Election: p.Election.ID, Station: s.ID, Revoked: map[string]bool{}}
	if check.Authorities, err = station.Authorities(p.Election.Manifest, p.Authorities); err != nil {
		return nil, err
	}
	for _, list := range p.RevocationLists {
		serials, err := station.RevokedSerials(list, check.Authorities[0])
		if err != nil {
			return nil, err
		}
		for serial := range serials {
			check.Revoked[serial] = true
		}
	}
	return machine.New(machine.Config{
		Election: p.Election, Station: s.ID, DB: db, Key: r.keys[s.ID].Signer(), Cards: check,
		Printer: r.Papers[s.ID], Window: r.Papers[s.ID], Random: r.Random, Clock: r.clock, Software: softwareHash(),
	})
}

func (r *Referendum) officialsOf(id string) []machine.Official {
	var all []machine.Official
	for i, k := range r.officials[id] {
		all = append(all, machine.Official{Number: i + 1, Key: k.Signer()})
	}
	return all
}

// softwareHash is the SHA-256 of the running program, as a station prints it.
var softwareHash = sync.OnceValue(func() record.Hash {
	path, err := os.Executable()
	if err != nil {
		return record.Hash{}
	}
	b, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return record.Hash{}
	}
	return sha256.Sum256(b)
})
