package kiosk

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/machine"
	"github.com/openreferendum/referendum/station/stationlog"
)

// Provision prepares a machine before the first day: it checks the package that
// was carried to it, gives the key to the TPM if there is one, writes the
// database on both media, says which program has to run, and begins the log.
func Provision(c *Config, key provisioning.SecretKey, software record.Hash, now time.Time) (*provisioning.StationPackage, error) {
	p, err := provisioning.ReadPackage(durable.RegularFiles(c.Package), c.Station, key.Public())
	if err != nil {
		return nil, fmt.Errorf("reading the package: %w", err)
	}
	if c.Key.TPM != "" {
		if err := c.sealOnce(key, virtual(p.Election.Manifest)); err != nil {
			return nil, fmt.Errorf("sealing the key: %w", err)
		}
	}
	db, err := database.Create(c.DatabaseConfig())
	if err != nil {
		return nil, err
	}
	err = machine.Provision(db, p.Election, c.Station, p.Roll)
	if err == nil {
		err = machine.ExpectSoftware(db, software)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	return p, c.firstLines(p.Election.ID, now)
}

// sealOnce seals the key, unless an interrupted provisioning has done so: a
// sealed key that is there is this one, or the machine would never start.
func (c *Config) sealOnce(key provisioning.SecretKey, virtual bool) error {
	err := c.SealKey(key, virtual)
	if !errors.Is(err, os.ErrExist) {
		return err
	}
	there, err := c.openKey(virtual, nil)
	if err != nil {
		return fmt.Errorf("opening the one that is there, %s: %w", c.Key.File, err)
	}
	if there.Public() != key.Public() {
		return fmt.Errorf("%s holds another key: move it away", c.Key.File)
	}
	return nil
}

// firstLines begins the log: a machine that finds none later has lost it.
func (c *Config) firstLines(election record.Hash, now time.Time) error {
	b, err := logbook.Open(c.LogPaths(), election, c.Station)
	if err != nil {
		return err
	}
	err = beginLog(b, now)
	if err == nil && c.Key.TPM != "" {
		err = b.Write(now, stationlog.KeySealed, stationlog.Under(stationlog.TPM))
	}
	return errors.Join(err, b.Close())
}

func openDatabase(c *Config) (*database.DB, error) {
	db, err := database.Open(c.DatabaseConfig())
	if errors.Is(err, os.ErrNotExist) {
		err = mark(errMissingCopy, err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	return db, nil
}
