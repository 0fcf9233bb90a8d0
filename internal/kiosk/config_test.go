package kiosk_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/kiosk"
)

const goodConfig = `{
  "station": "a-1", "package": "package", "folders": ["disk", "/srv/second"],
  "key": {"file": "station.sealed", "tpm": "/dev/tpmrm0", "pcrs": [0, 7]},
  "reader": {"names": ["ACS ACR39U"], "voter": "piv", "official": "official"},
  "slipPrinter": {"path": "/dev/ttyS0", "baud": 115200, "confirm": "process-id", "holdFeed": 160},
  "receiptPrinter": {"path": "/dev/usb/lp0", "confirm": "paper-sensor"},
  "panel": {"bench": "panel.sock"},
  "media": {"mountAt": "/mnt/medium", "fileSystems": ["ext4"]}
}`

func TestBadConfigs(t *testing.T) {
	for name, change := range map[string][2]string{
		"an unknown field":           {`"station": "a-1"`, `"station": "a-1", "debug": true`},
		"no station":                 {`"a-1"`, `""`},
		"one folder twice":           {`"/srv/second"`, `"disk"`},
		"one folder":                 {`["disk", "/srv/second"]`, `["disk"]`},
		"a TPM without registers":    {`, "pcrs": [0, 7]`, ``},
		"registers without a TPM":    {`"tpm": "/dev/tpmrm0", `, ``},
		"one printer twice":          {`/dev/usb/lp0`, `/dev/ttyS0`},
		"a bench and pins":           {`"bench": "panel.sock"`, `"bench": "panel.sock", "pins": {"slip-exit": {"pin": "GPIO17"}}`},
		"neither bench nor pins":     {`"bench": "panel.sock"`, ``},
		"a profile nobody knows":     {`"voter": "piv"`, `"voter": "passport"`},
		"no profile":                 {`"voter": "piv", `, ``},
		"a page that may take hours": {`"holdFeed": 160`, `"stallSeconds": 3600`},
		"a session of a day":         {`"station": "a-1"`, `"station": "a-1", "sessionMinutes": 1440`},
		"a clock that may be a year": {`"station": "a-1"`, `"station": "a-1", "clockToleranceHours": 8760`},
		"something behind it":        {"]}\n}", "]}\n} {}"},
		"half of it":                 {"]}\n}", "]"},
		"a profile that is a number": {`"voter": "piv"`, `"voter": 5`},
		"one folder, spelled twice":  {`"/srv/second"`, `"./disk"`},
		"three folders":              {`["disk", "/srv/second"]`, `["disk", "/srv/second", "third"]`},
		"a field twice":              {`"station": "a-1"`, `"station": "a-1", "station": "b-1"`},
		"a way to confirm":           {`"confirm": "paper-sensor"`, `"confirm": "perhaps"`},
		"a speed no printer has":     {`115200`, `12`},
		"a feed backwards":           {`160`, `-3`},
		"a number in small letters":  {`"voter": "piv"`, `"voter": "piv", "document": "a999"`},
		"a number without end":       {`"voter": "piv"`, `"voter": "piv", "document": "` + strings.Repeat("9", 65) + `"`},
		"a register there is not":    {`[0, 7]`, `[0, 77]`},
	} {
		bad := strings.Replace(goodConfig, change[0], change[1], 1)
		if bad == goodConfig {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := kiosk.ParseConfig([]byte(bad)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestReadConfig(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "kiosk.json")
	if _, err := kiosk.ReadConfig(path); err == nil {
		t.Error("a file that is not there was read")
	}
	if err := os.WriteFile(path, []byte(goodConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := kiosk.ReadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := [2]string{filepath.Join(dir, "disk"), "/srv/second"}; c.Folders != want {
		t.Errorf("folders are %q, want %q", c.Folders, want)
	}
	if c.Key.TPM != "/dev/tpmrm0" || c.Package != filepath.Join(dir, "package") {
		t.Errorf("paths are %q and %q", c.Key.TPM, c.Package)
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(goodConfig))
	f.Add([]byte(`{"reader":{"voter":{"name":"x"}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := kiosk.ParseConfig(b)
		if err != nil {
			return
		}
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := kiosk.ParseConfig(again); err != nil {
			t.Errorf("written again it is refused: %v\n%s", err, again)
		}
	})
}

// TestConfigErrors: a technician is told which line and field is wrong, and not
// what a programming language calls it.
func TestConfigErrors(t *testing.T) {
	for name, c := range map[string]struct{ old, bad, want string }{
		"a number for text": {`"a-1"`, `5`, `line 2: the field "station" may not be a number`},
		"text for a number": {`115200`, `"fast"`, `line 5: the field "slipPrinter.baud" may not be a text`},
		"a typo":            {`"station"`, `"statoin"`, `there is no field "statoin"`},
		"a comma":           {`"package",`, `"package"`, `line 2: not JSON: invalid character`},
		"half of it":        {goodConfig[40:], ``, `it ends in the middle`},
		"a field twice":     {`"media":`, `"Media": {}, "media":`, `the field "media" stands there twice`},
		"a confirmation":    {`"paper-sensor"`, `"perhaps"`, `receiptPrinter.confirm is "process-id" or "paper-sensor", not "perhaps"`},
	} {
		_, err := kiosk.ParseConfig([]byte(strings.Replace(goodConfig, c.old, c.bad, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
