package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/stationlog"
	"github.com/openreferendum/referendum/station/stationlog/cdf"
)

// A logFlags is what log takes.
type logFlags struct {
	setup
	exported  string
	json      bool
	catalogue bool
	language  string
}

// languages are those in which a log can be told.
var languages = map[string]stationlog.Language{"en": stationlog.English, "zh-Hant": stationlog.Chinese, "both": stationlog.Both}

func logCommand() *cobra.Command {
	var f logFlags
	c := &cobra.Command{
		Use: "log --config FILE", Args: cobra.NoArgs,
		Short: "what the machine has logged, as a timeline or as NIST's JSON",
		Long: `log checks the chain of the station's log and shows it hour by hour. With --exported it
reads a folder that an export has left on a medium, and checks the station's signature
over the log as well. --json writes the Election Event Logging Common Data Format
(NIST SP 1500-101), and --catalogue the format's companion: what every event means. So
does docs/operators/log-events.md.`,
		Example: `    kiosk log --config kiosk.json --language zh-Hant
    kiosk log --config kiosk.json --exported /mnt/medium/09007-010-0001-0001-log-42
    kiosk log --config kiosk.json --json >events.json`,
		RunE: func(c *cobra.Command, _ []string) error {
			config, e, err := f.read()
			if err != nil {
				return err
			}
			return terminal.About(e.Manifest.Kind, f.print(c.OutOrStdout(), config, e))
		},
	}
	f.add(c)
	c.Flags().StringVar(&f.exported, "exported", "", "read the log of this `folder`, which an export made, and check its signature")
	c.Flags().BoolVar(&f.json, "json", false, "write NIST's Election Event Logging format")
	c.Flags().StringVar(&f.language, "language", "en", "of the timeline: en, zh-Hant or both")
	c.Flags().BoolVar(&f.catalogue, "catalogue", false, "write what every event means, in the same format")
	return c
}

func (f *logFlags) print(w io.Writer, config *kiosk.Config, e *record.Election) error {
	language, known := languages[f.language]
	if !known {
		return terminal.Unusable(fmt.Errorf("no words in %q", f.language), "there are en, zh-Hant and both")
	}
	about := cdf.Config{
		Election: e.ID, Station: config.Station, Generated: time.Now(), Manufacturer: "openreferendum", Model: "kiosk", Version: terminal.BuildVersion(),
	}
	if f.catalogue {
		b, err := cdf.Documentation(about)
		return emit(w, b, err)
	}
	lines, entries, err := f.lines(config, e)
	if err != nil {
		return err
	}
	if !f.json {
		return stationlog.Timeline(w, entries, language, time.Local)
	}
	b, err := cdf.Log(about, lines)
	return emit(w, b, err)
}

// emit writes what was made, if it was.
func emit(w io.Writer, b []byte, err error) error {
	if err == nil {
		_, err = w.Write(b)
	}
	return err
}

// lines reads and checks a log.
func (f *logFlags) lines(config *kiosk.Config, e *record.Election) ([]byte, []stationlog.Entry, error) {
	const hint = "keep the machine and its media as they are; the commission looks into it"
	if f.exported != "" {
		return f.signed(config, e, hint)
	}
	r, err := logbook.Read(config.LogPaths(), e.ID, config.Station)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, terminal.Unusable(plainly(err), "the log begins with kiosk provision; if it was there, plug in the media on which both folders are, or kiosk recreate a lost copy")
	}
	return r.Content, r.Entries, terminal.Bad(err, hint)
}

// signed reads a log that was exported, with its signed head.
func (f *logFlags) signed(config *kiosk.Config, e *record.Election, hint string) ([]byte, []stationlog.Entry, error) {
	place, ok := e.Station(config.Station)
	if !ok {
		return nil, nil, terminal.Unusable(fmt.Errorf("the manifest has no station %q", config.Station), "")
	}
	lines, err := durable.ReadFile(filepath.Join(f.exported, kiosk.LogFile), stationlog.MaxLog)
	const folder = "an exported log is the folder STATION-log-N beside the bundle on a medium"
	if err != nil {
		return nil, nil, terminal.Unusable(plainly(err), folder)
	}
	head, err := durable.ReadFile(filepath.Join(f.exported, kiosk.LogHeadFile), stationlog.MaxSignedHead)
	if err != nil {
		return nil, nil, terminal.Unusable(plainly(err), folder)
	}
	entries, err := stationlog.VerifyLog(lines, head, ed25519.PublicKey(place.Key[:]), e.ID, config.Station)
	return lines, entries, terminal.Bad(err, hint)
}
