package simulation

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"github.com/openreferendum/referendum/hardware/boothtest"
	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/hardware/printer/printertest"
	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
)

// Devices lets every station's day go through the drivers of real devices, with
// emulated ones behind them: cards through pcscd, paper through serial ports
// and the emulators' mechanics, poll workers' cards, removable media. One
// station votes at a time.
type Devices struct {
	Booth *Booth

	// FaultEvery lets something go wrong in every so-manieth session. If zero,
	// nothing does.
	FaultEvery int

	// Faults counts what went wrong, by name; Play makes it.
	Faults map[string]int

	// Printed are some pictures of every station's paper, by where it ended: box,
	// spoiled, front. Play makes it.
	Printed map[string]map[string][]printertest.Piece

	// Tell, if not nil, is told of every fault and what became of it.
	Tell func(fault, outcome string)
}

// A Booth is the emulated devices, in a folder that goes with them.
type Booth struct {
	*boothtest.Booth
	folder string
}

// NewBooth sets the devices up. Close takes them down.
func NewBooth() (*Booth, error) {
	folder, err := os.MkdirTemp("", "booth-")
	if err != nil {
		return nil, err
	}
	b, err := boothtest.New(folder)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &Booth{b, folder}, nil
}

// Close takes the devices down.
func (b *Booth) Close() error { return errors.Join(b.Booth.Close(), os.RemoveAll(b.folder)) }

// errLive is returned for devices that are emulated in a vote that is live: no
// kiosk takes them.
var errLive = errors.New("emulated devices are refused when the vote is live")

// dayOnDevices is a station's day, from the self test to two media.
func (r *Referendum) dayOnDevices(s *StationPlan, tick func()) error {
	if r.Plan.Kind == record.Live {
		return errLive
	}
	if r.Devices.Faults == nil {
		r.Devices.Faults, r.Devices.Printed = map[string]int{}, map[string]map[string][]printertest.Piece{}
	}
	c := r.kioskConfig(s)
	media, err := r.labelMedia(s, c)
	if err != nil {
		return err
	}
	o := kiosk.Options{Passphrase: func() (string, error) { return Passphrase, nil }, Software: softwareHash(), Clock: r.clock, Random: r.Random}
	if report := kiosk.SelfTest(c, o); !kiosk.Ready(report) {
		return fmt.Errorf("self test: %+v", report)
	}
	booth := r.Devices.Booth
	h := &hands{Hands: kiosktest.Hands{Booth: booth.Booth}, r: r, s: s, c: c, o: o, inBox: len(booth.Box()), inBin: len(booth.Spoiled())}
	if err := h.start(); err != nil {
		return err
	}
	err = h.day(tick, media)
	return errors.Join(err, h.K.Close())
}

// stall is how long a printer may stand still: on a quick line, not long.
const stall = 3

// kioskConfig is what a technician writes for a machine of the station.
func (r *Referendum) kioskConfig(s *StationPlan) *kiosk.Config {
	b := r.Devices.Booth
	return &kiosk.Config{
		Station: s.ID, Package: r.stationPath(s, "package"), Folders: [2]string{r.stationPath(s, "machine"), r.stationPath(s, "second-medium")},
		Key:            kiosk.Key{File: r.stationPath(s, "machine", "key.age")},
		Reader:         kiosk.Reader{Voter: []byte(`"piv"`), Official: []byte(`"official"`)},
		SlipPrinter:    kiosk.Printer{Path: b.SlipPort.Path(), Baud: 115200, Confirm: "process-id", HoldFeed: 160, StallSeconds: stall},
		ReceiptPrinter: kiosk.Printer{Path: b.ReceiptPort.Path(), Baud: 115200, Confirm: "process-id", StallSeconds: stall},
		Panel:          kiosk.Panel{Bench: b.PanelSocket()},
		Media:          kiosk.Media{MountAt: r.stationPath(s, "mnt")},
	}
}

// labelMedia makes the two folders that stand for the station's removable
// media.
func (r *Referendum) labelMedia(s *StationPlan, c *kiosk.Config) ([2]string, error) {
	var sources [2]string
	for i := range sources {
		sources[i] = r.stationPath(s, fmt.Sprintf("medium-%d", i+1))
		if err := os.MkdirAll(sources[i], 0o700); err != nil {
			return sources, err
		}
		m, err := c.MediumConfig(r.Election, i+1)
		if err != nil {
			return sources, err
		}
		if err := media.Prepare(sources[i], m); err != nil {
			return sources, err
		}
	}
	return sources, nil
}

// writePrinted writes the pictures of a station's paper.
func (d *Devices) writePrinted(dir, station string) error {
	for place, pieces := range d.Printed[station] {
		for i, p := range pieces {
			var b bytes.Buffer
			if err := png.Encode(&b, p.Image); err != nil {
				return err
			}
			if err := durable.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%02d.png", place, i+1)), b.Bytes(), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// carry takes a station's two media to the tally.
func (r *Referendum) carry(s *StationPlan, sources [2]string) error {
	for i, to := range r.Media() {
		if err := os.Rename(filepath.Join(sources[i], s.ID), filepath.Join(to, s.ID)); err != nil {
			return err
		}
	}
	return nil
}
