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
