package kiosk

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationlog"
)

// A Medium is one of the two removable media of a station.
type Medium struct {
	Number int    // 1 or 2, as on its label
	Source string // a block device, or a folder
}

// label is what stands on a medium: whose it is. The two media of a station
// have different labels, so that none is taken twice.
type label struct {
	Election record.Hash `json:"election"`
	Kind     string      `json:"kind"`
	Station  string      `json:"station"`
	Medium   int         `json:"medium"`
}

// MediumConfig says what a medium of the station must be.
func (c *Config) MediumConfig(e *record.Election, number int) (media.Config, error) {
	if number != 1 && number != 2 {
		return media.Config{}, fmt.Errorf("medium %d: there are 1 and 2", number)
	}
	b, err := json.Marshal(label{e.ID, e.Manifest.Kind, c.Station, number})
	if err != nil {
		return media.Config{}, err
	}
	return media.Config{
		Label: append(b, '\n'), Own: append([]string{"/", c.Package}, c.Folders[:]...), MountAt: c.Media.MountAt, FileSystems: c.Media.FileSystems,
		Virtual: virtual(e.Manifest),
	}, nil
}

// Export begins to write the station's bundle, and its log, to a medium: one
// poll worker's card is asked for.
func (k *Kiosk) Export(m Medium) error { return k.begin(&act{kind: Export, medium: &m}) }

// export writes the bundle to a medium, takes the medium out of the machine's
// hands, mounts it again and reads the bundle back. Only when it is unmounted
// for good is the medium safe to remove.
func (k *Kiosk) export(m Medium) error {
	which := []stationlog.Medium{1: stationlog.First, 2: stationlog.Second}[m.Number]
	if err := k.writeMedium(m, which); err != nil {
		return fmt.Errorf("medium %d: %w", m.Number, err)
	}
	k.view.Exported[m.Number-1] = true
	return nil
}

func (k *Kiosk) writeMedium(m Medium, which stationlog.Medium) error {
	c, err := k.config.MediumConfig(k.election, m.Number)
	if err != nil {
		return err
	}
	if c.Need, err = k.machine.BundleSize(); err != nil {
		return err
	}
	medium, err := media.Open(m.Source, c)
	if err != nil {
		if why, ok := refusal(err); ok {
			k.note(stationlog.MediumRefused, stationlog.Refused(why))
		} else {
			k.note(stationlog.MediumFailed, stationlog.On(which))
		}
		return err
	}
	k.note(stationlog.MediumInserted, stationlog.On(which))
	err = medium.Write(func(dir string) error {
		return errors.Join(k.machine.Export(dir), k.writeLog(dir, which))
	})
	if err == nil {
		k.note(stationlog.MediumWritten, stationlog.On(which))
		err = medium.ReadBack(k.machine.Compare)
	}
	if err == nil {
		k.note(stationlog.MediumVerified, stationlog.On(which))
	}
	if err := errors.Join(err, medium.Close()); err != nil {
		k.note(stationlog.MediumFailed, stationlog.On(which))
		return err
	}
	k.note(stationlog.MediumRemoved, stationlog.On(which))
	return nil
}

// writeLog writes the log as it is now, with its head signed by the station,
// beside the bundle. The log goes on; a later export writes the longer one.
func (k *Kiosk) writeLog(dir string, which stationlog.Medium) error {
	k.note(stationlog.LogSigned)
	lines, n := k.log.Bytes(), k.log.Len()
	head, err := stationlog.SignHead(stationlog.SignedHead{Election: k.election.ID, Station: k.config.Station, Entries: n, Head: k.log.Head()}, k.key.Signer())
	if err != nil {
		return err
	}
	path := filepath.Join(dir, k.config.Station+"-log-"+strconv.Itoa(n))
	err = durable.WriteFolder(path, map[string]durable.Source{LogFile: durable.Content(lines), LogHeadFile: durable.Content(head)}, 0o644)
	if err == nil {
		k.note(stationlog.LogExported, stationlog.On(which))
	}
	return err
}
