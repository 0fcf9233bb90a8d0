// Package kiosk joins a station to its devices: it opens what the kiosk's
// configuration names, gives the station's machine its printer, window, cards
// and log, and takes what people and devices do, one event at a time. A front
// end shows its View and calls its methods; there is no screen in it, and no
// word for voters (docs/adr/0029-one-kiosk-behind-every-screen.md).
//
// It decides nothing about votes: package station does, and package
// station/machine carries it out.
package kiosk

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/printer"
	"github.com/openreferendum/referendum/hardware/voice"
	"github.com/openreferendum/referendum/internal/durable"
)

// A Config is the file that tells a kiosk's program where its election and its
// devices are: docs/operators/kiosk.md, Section 2. It holds no secret, and
// nothing in it changes what is computed.
type Config struct {
	Station string `json:"station"`

	// Package is the folder that was carried to the station.
	Package string `json:"package"`

	// Folders hold the station's database and its log: the first on the
	// machine's own disk, the second on the second medium. The paths stay the
	// same for the life of a database.
	Folders Folders `json:"folders"`

	Key            Key     `json:"key"`
	Reader         Reader  `json:"reader"`
	SlipPrinter    Printer `json:"slipPrinter"`
	ReceiptPrinter Printer `json:"receiptPrinter"`
	Panel          Panel   `json:"panel"`
	Media          Media   `json:"media"`

	// Voice says what reads the screens aloud. If absent, nothing does.
	Voice *Voice `json:"voice,omitempty"`

	// SessionMinutes is how long a voter may do nothing before the session is
	// ended. If zero, it is 10.
	SessionMinutes int `json:"sessionMinutes,omitempty"`

	// LateSeconds is how long before that the voter is warned. If zero, it is 60.
	LateSeconds int `json:"lateSeconds,omitempty"`

	// ClockToleranceHours is how wrong the clock may be for cards to be taken
	// (docs/spec/station.md, Section 4.1). If zero, it is 48.
	ClockToleranceHours int `json:"clockToleranceHours,omitempty"`
}

// Key says where the station's signing key is.
type Key struct {
	// File holds the key under a passphrase, as ceremony station new writes it,
	// or, with a TPM, what the TPM has sealed.
	File string `json:"file"`

	// TPM is the TPM's device, such as /dev/tpmrm0; empty: the key is under a
	// passphrase.
	TPM string `json:"tpm,omitempty"`

	// PCRs are the registers of the boot measurement to which the key is
	// sealed. Required with a TPM.
	PCRs []int `json:"pcrs,omitempty"`
}

// Reader says which card reader is used, and for which cards.
type Reader struct {
	Names    []string        `json:"names,omitempty"` // allowed readers; none: any
	Voter    json.RawMessage `json:"voter"`           // a profile, or the name of a bundled one
	Official json.RawMessage `json:"official"`        // the same, of the poll workers' cards

	// Document is the shape of the number on the identity document, as the roll
	// has it: A stands for a capital letter, 9 for a digit, such as A999999999. With
	// it, two poll workers can identify a voter on the screen whose card does not
	// work (docs/spec/station.md, Section 4.14). If empty, only at the console.
	Document string `json:"document,omitempty"`
}

// Printer says where a printer is and how it answers.
type Printer struct {
	Path    string          `json:"path"`
	Baud    int             `json:"baud,omitempty"` // 0: a USB printer's device file
	Confirm printer.Confirm `json:"confirm"`        // "process-id" or "paper-sensor"

	// HoldFeed is how many rows follow a slip until all of it is to be seen in
	// the window.
	HoldFeed int `json:"holdFeed,omitempty"`

	// Buffer is the printer's receive buffer in bytes. If zero, it is 4096.
	Buffer int `json:"buffer,omitempty"`

	// StallSeconds is how long printing may stand still, without a fault that
	// explains it, until the page is given up. If zero, it is 10.
	StallSeconds int `json:"stallSeconds,omitempty"`
}

// Panel is either the pins of the real one, or the socket of a bench.
type Panel struct {
	Pins  panel.PinMap `json:"pins,omitempty"`
	Bench string       `json:"bench,omitempty"`
}

// Voice says which programs read aloud: docs/hardware/voice.md.
type Voice struct {
	// Program is the absolute path of espeak-ng.
	Program string `json:"program"`

	// Player plays a WAV file from its standard input: a program's absolute path,
	// and its arguments. If empty, it is aplay's.
	Player []string `json:"player,omitempty"`

	// Recordings is a folder of recordings that are played where there are some.
	Recordings string `json:"recordings,omitempty"`
}

// VoiceConfig is the configuration of what reads aloud: silence, if there is none.
func (c *Config) VoiceConfig() voice.Config {
	if c.Voice == nil {
		return voice.Config{}
	}
	return voice.Config{Program: c.Voice.Program, Player: c.Voice.Player, Recordings: c.Voice.Recordings}
}

// Media says how removable media are mounted.
type Media struct {
	MountAt     string   `json:"mountAt"`
	FileSystems []string `json:"fileSystems,omitempty"`

	// Folders stand for removable media on a desk, and are plugged in while they
	// are there. A live vote takes no folder for a medium.
	Folders []string `json:"folders,omitempty"`
}

// Folders are two.
type Folders [2]string

// UnmarshalJSON takes two, not more and not less.
func (f *Folders) UnmarshalJSON(b []byte) error {
	var all []string
	if json.Unmarshal(b, &all) != nil || len(all) != len(f) {
		return errors.New("folders are two paths: [\"/first\", \"/second\"]")
	}
	*f = Folders(all)
	return nil
}

// maxConfig bounds a configuration file, in bytes.
const maxConfig = 1 << 16

// ReadConfig reads a configuration file. Relative paths in it are relative to
// its folder.
func ReadConfig(path string) (*Config, error) {
	b, err := durable.ReadFile(path, maxConfig)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	c, err := ParseConfig(b)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration %s: %w", path, err)
	}
	if dir, err := filepath.Abs(filepath.Dir(path)); err == nil {
		c.resolve(dir)
	}
	return c, nil
}

// ParseConfig decodes a configuration: JSON, laid out as people like, without
// unknown fields.
func ParseConfig(b []byte) (*Config, error) {
	var c Config
	if err := decodeConfig(b, &c); err != nil {
		return nil, err
	}
	return &c, c.check()
}

// maxDocument bounds the number on an identity document, in characters: so many
// can be typed on the screen.
const maxDocument = 64

func (c *Config) check() error {
	for _, field := range [][2]string{
		{"station", c.Station}, {"package", c.Package}, {"folders", c.Folders[0]}, {"folders (second)", c.Folders[1]}, {"key.file", c.Key.File},
		{"slipPrinter.path", c.SlipPrinter.Path}, {"receiptPrinter.path", c.ReceiptPrinter.Path}, {"media.mountAt", c.Media.MountAt},
	} {
		if field[1] == "" {
			return fmt.Errorf("%s is missing", field[0])
		}
	}
	if filepath.Clean(c.Folders[0]) == filepath.Clean(c.Folders[1]) {
		return errors.New("both folders are the same: the second one is on the second medium")
	}
	if c.SlipPrinter.Path == c.ReceiptPrinter.Path {
		return errors.New("slips and receipts have a printer each")
	}
	if (c.Key.TPM == "") != (len(c.Key.PCRs) == 0) {
		return errors.New("key.tpm and key.pcrs belong together")
	}
	if (len(c.Panel.Pins) == 0) == (c.Panel.Bench == "") {
		return errors.New("panel: either pins or a bench")
	}
	if c.SessionMinutes < 0 || c.SessionMinutes > 60 || c.ClockToleranceHours < 0 || c.ClockToleranceHours > 7*24 {
		return errors.New("sessionMinutes go to 60, clockToleranceHours to 168")
	}
	if c.LateSeconds < 0 || time.Duration(c.LateSeconds)*time.Second >= c.sessionLimit() {
		return errors.New("lateSeconds are fewer than the seconds of sessionMinutes")
	}
	if strings.Trim(c.Reader.Document, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" || len(c.Reader.Document) > maxDocument {
		return fmt.Errorf("reader.document is the shape of a number, such as A999999999, of at most %d characters", maxDocument)
	}
	if err := errors.Join(c.SlipPrinter.check("slipPrinter"), c.ReceiptPrinter.check("receiptPrinter")); err != nil {
		return err
	}
	for _, n := range c.Key.PCRs {
		if n < 0 || n > 23 {
			return fmt.Errorf("key.pcrs go from 0 to 23, not %d", n)
		}
	}
	for _, profile := range []json.RawMessage{c.Reader.Voter, c.Reader.Official} {
		if _, err := parseProfile(profile); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) resolve(dir string) {
	for _, p := range []*string{
		&c.Package, &c.Folders[0], &c.Folders[1], &c.Key.File, &c.Key.TPM, &c.SlipPrinter.Path, &c.ReceiptPrinter.Path, &c.Panel.Bench, &c.Media.MountAt,
	} {
		absolute(dir, p)
	}
	if c.Voice != nil {
		absolute(dir, &c.Voice.Recordings)
	}
	for i := range c.Media.Folders {
		absolute(dir, &c.Media.Folders[i])
	}
}

// absolute makes a path that is relative to a folder absolute.
func absolute(dir string, path *string) {
	if *path != "" && !filepath.IsAbs(*path) {
		*path = filepath.Join(dir, *path)
	}
}

func (c *Config) sessionLimit() time.Duration {
	if c.SessionMinutes == 0 {
		return 10 * time.Minute
	}
	return time.Duration(c.SessionMinutes) * time.Minute
}

// lateBefore is how long before its end a session is late.
func (c *Config) lateBefore() time.Duration {
	if c.LateSeconds == 0 {
		return min(time.Minute, c.sessionLimit()/2)
	}
	return time.Duration(c.LateSeconds) * time.Second
}

func (c *Config) clockTolerance() time.Duration {
	if c.ClockToleranceHours == 0 {
		return 48 * time.Hour
	}
	return time.Duration(c.ClockToleranceHours) * time.Hour
}

// parseProfile takes the name of a bundled profile, or a profile itself.
func parseProfile(b json.RawMessage) (*eid.Profile, error) {
	var name string
	if err := json.Unmarshal(b, &name); err == nil {
		return eid.BundledProfile(name)
	}
	p, err := eid.ParseProfile(b)
	if err != nil {
		return nil, fmt.Errorf("a card's profile: %w", err)
	}
	return p, nil
}

// check finds what the driver would refuse, before a day of voting begins: then
// people would look at paper and cables.
func (p Printer) check(name string) error {
	switch {
	case p.Confirm != printer.ProcessID && p.Confirm != printer.PaperSensor:
		return fmt.Errorf("%s.confirm is %q or %q, not %q", name, printer.ProcessID, printer.PaperSensor, p.Confirm)
	case p.Baud != 0 && (p.Baud < 9600 || p.Baud > 4000000):
		return fmt.Errorf("%s.baud is 9600 or more, not %d; none for a USB printer", name, p.Baud)
	case p.HoldFeed < 0 || p.HoldFeed > printer.MaxHeight:
		return fmt.Errorf("%s.holdFeed goes from 0 to %d", name, printer.MaxHeight)
	case p.Buffer != 0 && (p.Buffer < 1024 || p.Buffer > 1<<24):
		return fmt.Errorf("%s.buffer is 1024 or more, not %d", name, p.Buffer)
	case p.StallSeconds < 0 || p.StallSeconds > 60:
		return fmt.Errorf("%s.stallSeconds go to 60", name)
	}
	return nil
}

func (p Printer) config() printer.Config {
	return printer.Config{
		Path: p.Path, Baud: p.Baud, Width: paperWidth, Confirm: p.Confirm, HoldFeed: p.HoldFeed, Buffer: p.Buffer, Stall: time.Duration(p.StallSeconds) * time.Second,
	}
}

// lines opens what the panel's logic works on.
func (p Panel) lines() (panel.Lines, error) {
	if p.Bench != "" {
		return panel.OpenBench(p.Bench)
	}
	return panel.OpenPins(p.Pins)
}
