package panel_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/panel"
)

// wholeMap is a map as docs/hardware/panel.md has it.
const wholeMap = `{
	"rear-door":     {"pin": "GPIO5",  "activeLow": true, "pull": "down"},
	"box-door":      {"pin": "GPIO6",  "activeLow": true, "pull": "down"},
	"printer-cover": {"pin": "GPIO12", "pull": "up"},
	"motion":        {"pin": "GPIO13", "activeLow": true, "pull": "none"},
	"slip-exit":     {"pin": "GPIO16", "pull": "down"},
	"box-drop":      {"pin": "GPIO19", "pull": "down"},
	"spoiled-drop":  {"pin": "GPIO20", "activeLow": true, "pull": "up"},
	"mains-fail":    {"pin": "GPIO21", "pull": "up"},
	"worker-button": {"pin": "GPIO26", "activeLow": true, "pull": "up"},
	"green":         {"pin": "GPIO22"},
	"yellow":        {"pin": "GPIO23", "activeLow": true},
	"red":           {"pin": "GPIO24"},
	"solenoid":      {"pin": "GPIO25"},
	"diverter":      {"pin": "GPIO27"},
	"alive":         {"pin": "GPIO17"}
}`

func parseMap(s string) (panel.PinMap, error) {
	var m panel.PinMap
	err := json.Unmarshal([]byte(s), &m)
	return m, err
}

func TestPinMapRefusals(t *testing.T) {
	if _, err := parseMap(wholeMap); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, why string }{
		{"no object", wholeMap, `[]`, "no object"},
		{"null pin", `{"pin": "GPIO22"}`, `null`, "no object"},
		{"empty", wholeMap, `{}`, "line rear-door is missing"},
		{"unknown line", `"motion":`, `"emotion":`, `there is no line "emotion"`},
		{"line twice", `"motion":`, `"red":`, `"red" stands there twice`},
		{"unknown field", `{"pin": "GPIO22"}`, `{"pin": "GPIO22", "colour": 1}`, "no such field"},
		{"another spelling of a field", `{"pin": "GPIO22"}`, `{"Pin": "GPIO22"}`, "no such field"},
		{"field twice", `{"pin": "GPIO22"}`, `{"pin": "GPIO22", "pin": "GPIO2"}`, `"pin" stands there twice`},
		{"no pin", `{"pin": "GPIO22"}`, `{}`, "line green has no pin"},
		{"a number for a pin", `{"pin": "GPIO22"}`, `{"pin": 22}`, "cannot unmarshal number"},
		{"one pin for two", `"GPIO22"`, `"GPIO23"`, "lines green and yellow have the same pin"},
		{"missing input", `"slip-exit":     {"pin": "GPIO16", "pull": "down"},`, ``, "line slip-exit is missing"},
		{"missing output", `"red":           {"pin": "GPIO24"},`, ``, "line red is missing"},
		{"input without pull", `{"pin": "GPIO16", "pull": "down"}`, `{"pin": "GPIO16"}`, "input slip-exit needs pull"},
		{"unknown pull", `{"pin": "GPIO16", "pull": "down"}`, `{"pin": "GPIO16", "pull": "sideways"}`, "input slip-exit needs pull"},
		{"output with pull", `{"pin": "GPIO24"}`, `{"pin": "GPIO24", "pull": "up"}`, "output red has a pull"},
		{"solenoid open at start", `{"pin": "GPIO25"}`, `{"pin": "GPIO25", "activeLow": true}`, "output solenoid must be active when high"},
		{"diverter to the box at start", `{"pin": "GPIO27"}`, `{"pin": "GPIO27", "activeLow": true}`, "output diverter must be active when high"},
		{"cut wire hidden, pull down", `{"pin": "GPIO5",  "activeLow": true, "pull": "down"}`, `{"pin": "GPIO5", "pull": "down"}`, "input rear-door: with this pull a cut wire looks like a closed door"},
		{"cut wire hidden, pull up", `{"pin": "GPIO21", "pull": "up"}`, `{"pin": "GPIO21", "activeLow": true, "pull": "up"}`, "input mains-fail: with this pull a cut wire"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := strings.Replace(wholeMap, c.old, c.new, 1)
			if bad == wholeMap {
				t.Fatal("the case changes nothing")
			}
			if _, err := parseMap(bad); err == nil || !strings.Contains(err.Error(), c.why) {
				t.Errorf("the map was read with %v; wanted %q", err, c.why)
			}
		})
	}
}

func TestPinMapMayLackOptionalLines(t *testing.T) {
	m, err := parseMap(wholeMap)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []panel.Line{panel.Motion, panel.WorkerButton, panel.Alive} {
		delete(m, l)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := parseMap(string(b))
	if err != nil || !maps.Equal(m, again) {
		t.Errorf("%s was read as %v, %v", b, again, err)
	}
}

// TestPinsThatAreNotThere: the library reports no error on a computer without
// pins.
func TestPinsThatAreNotThere(t *testing.T) {
	m, err := parseMap(strings.ReplaceAll(wholeMap, "GPIO", "NOSUCHPIN"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := panel.OpenPins(m)
	if err == nil {
		lines.Close()
	}
	if err == nil || !strings.Contains(err.Error(), `this computer has no pin "NOSUCHPIN`) {
		t.Errorf("opening gave %v", err)
	}
	delete(m, panel.Solenoid)
	if _, err := panel.OpenPins(m); err == nil || !strings.Contains(err.Error(), "line solenoid is missing") {
		t.Errorf("opening a map that was made in the program gave %v", err)
	}
}

func FuzzPinMap(f *testing.F) {
	f.Add(wholeMap)
	f.Add(`{}`)
	f.Add(`{"red":{"pin":"a"},"red":{"pin":"b"}}`)
	f.Add(`{"red":{"pin":"a","pull":null,"activeLow":null}}`)
	f.Fuzz(func(t *testing.T, s string) {
		m, err := parseMap(s)
		if err != nil {
			return
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseMap(string(b))
		if err != nil || !maps.Equal(m, again) {
			t.Errorf("%q gave %v, and that %v, %v", s, m, again, err)
		}
	})
}
