package eid_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/eid"
)

const goodPIV = `{"name":"x","interface":"piv","module":"","key":"9a","pin":"once","minPIN":6,"maxPIN":8,"keyTypes":["rsa"],"holder":{"attribute":"serialNumber","prefix":"PNOTW-"}}`
const goodModule = `{"name":"x","interface":"pkcs11","module":"/usr/lib/m.so","key":"","pin":"each","minPIN":4,"maxPIN":16,"keyTypes":["ecdsa-p256","ecdsa-p384"],"holder":{"attribute":"1.2.3","prefix":""}}`

func TestWrongProfiles(t *testing.T) {
	replaced := func(s, old, new string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("%s is not in %s", old, s)
		}
		return strings.Replace(s, old, new, 1)
	}
	piv := func(old, new string) string { return replaced(goodPIV, old, new) }
	module := func(old, new string) string { return replaced(goodModule, old, new) }
	for _, test := range []struct{ name, text, why string }{
		{"nothing", ``, "not a JSON object"},
		{"a list", `[]`, "not a JSON object"},
		{"null", `null`, "not a JSON object"},
		{"cut off", goodPIV[:len(goodPIV)-1], "EOF"},
		{"something behind", goodPIV + `{}`, "something stands behind it"},
		{"a word behind", goodPIV + `x`, "something stands behind it"},
		{"not UTF-8", piv(`PNOTW-`, "\xff"), "not UTF-8"},
		{"too long", goodPIV + strings.Repeat(" ", 1<<14), "allowed are 16384"},
		{"unknown field", piv(`{"name"`, `{"colour":"red","name"`), `unknown field "colour"`},
		{"another spelling", piv(`"name"`, `"Name"`), `unknown field "Name"`},
		{"another spelling inside", piv(`"prefix"`, `"PREFIX"`), `unknown field "PREFIX"`},
		{"field twice", piv(`"key":"9a"`, `"key":"9e","key":"9a"`), "key is there twice"},
		{"inner field twice", piv(`"prefix":"PNOTW-"`, `"prefix":"","prefix":"PNOTW-"`), "holder: prefix is there twice"},
		{"no holder object", piv(`{"attribute":"serialNumber","prefix":"PNOTW-"}`, `"x"`), "holder: not a JSON object"},
		{"number as text", piv(`"minPIN":6`, `"minPIN":"6"`), "cannot unmarshal"},
		{"fraction", piv(`"minPIN":6`, `"minPIN":6.5`), "cannot unmarshal"},
		{"no name", piv(`"name":"x"`, `"name":""`), "name is not"},
		{"name with a space", piv(`"name":"x"`, `"name":"x y"`), "name is not"},
		{"no interface", piv(`"interface":"piv"`, `"interface":""`), "interface is neither"},
		{"interface in capitals", piv(`"interface":"piv"`, `"interface":"PIV"`), "interface is neither"},
		{"PIV with a module", piv(`"module":""`, `"module":"/m.so"`), "PIV needs none"},
		{"another PIV key", piv(`"9a"`, `"9b"`), "key is none of"},
		{"PIV key in capitals", piv(`"9a"`, `"9A"`), "key is none of"},
		{"no module", module(`/usr/lib/m.so`, ``), "not an absolute path"},
		{"relative module", module(`/usr/lib/m.so`, `lib/m.so`), "not an absolute path"},
		{"module by a detour", module(`/usr/lib/m.so`, `/usr/../m.so`), "not an absolute path"},
		{"module with a zero", module(`/usr/lib/m.so`, `/m\u0000.so`), "not an absolute path"},
		{"key not in hexadecimal", module(`"key":""`, `"key":"1"`), "hexadecimal"},
		{"key in capitals", module(`"key":""`, `"key":"AB"`), "hexadecimal"},
		{"long key", module(`"key":""`, `"key":"`+strings.Repeat("00", 33)+`"`), "hexadecimal"},
		{"no PIN rule", piv(`"pin":"once"`, `"pin":""`), "pin is none of"},
		{"no PIN with a length", piv(`"pin":"once"`, `"pin":"none"`), "none has no length"},
		{"short PIN", piv(`"minPIN":6`, `"minPIN":3`), "not within 4 and 8"},
		{"long PIN", piv(`"maxPIN":8`, `"maxPIN":9`), "not within 4 and 8"},
		{"longer PIN of a module", module(`"maxPIN":16`, `"maxPIN":17`), "not within 4 and 16"},
		{"lengths the wrong way round", piv(`"maxPIN":8`, `"maxPIN":5`), "not within"},
		{"no key types", piv(`["rsa"]`, `[]`), "keyTypes is empty"},
		{"unknown key type", piv(`["rsa"]`, `["dsa"]`), `"dsa" is none`},
		{"key type twice", piv(`["rsa"]`, `["rsa","rsa"]`), "rsa is there twice"},
		{"Ed25519 behind a module", module(`"ecdsa-p384"`, `"ed25519"`), "for PIV only"},
		{"attribute by name", piv(`"serialNumber"`, `"commonName"`), "attribute is neither"},
		{"malformed identifier", piv(`"serialNumber"`, `"1.02"`), "attribute is neither"},
		{"prefix of nothing", piv(`"serialNumber"`, `""`), "prefix of no attribute"},
		{"prefix of another script", piv(`PNOTW-`, `證`), "printable ASCII"},
	} {
		p, err := eid.ParseProfile([]byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.why) || !strings.HasPrefix(err.Error(), "card profile") {
			t.Errorf("%s: error %v, want %q", test.name, err, test.why)
		}
		if p != nil {
			t.Errorf("%s: a refused profile is there", test.name)
		}
	}
}

func TestBundledProfiles(t *testing.T) {
	want := map[string]string{
		"official": "piv 9c each", "opensc": "pkcs11 01 once", "piv": "piv 9a once", "piv-no-pin": "piv 9e none", "taiwan-cdc": "pkcs11  once",
	}
	all := eid.Bundled()
	for _, p := range all {
		if got := fmt.Sprint(p.Interface, " ", p.Key, " ", p.PIN); got != want[p.Name] {
			t.Errorf("%s: %s, want %s", p.Name, got, want[p.Name])
		}
		if again, err := eid.BundledProfile(p.Name); err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("%s: by name %v, %v", p.Name, again, err)
		}
	}
	if len(all) != len(want) {
		t.Errorf("%d profiles, want %d", len(all), len(want))
	}
	if _, err := eid.BundledProfile("none"); err == nil {
		t.Error("a profile that nobody wrote")
	}
}

func FuzzProfile(f *testing.F) {
	for _, p := range eid.Bundled() {
		b, err := json.MarshalIndent(p, "", " ")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(goodPIV))
	f.Add([]byte(goodModule))
	f.Add([]byte(`{"holder":{"attribute":"","attribute":""}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := eid.ParseProfile(b)
		if err != nil {
			return
		}
		written, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := eid.ParseProfile(written)
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("%s reads back as %v, %v", written, again, err)
		}
	})
}

func TestWrongPINs(t *testing.T) {
	piv := profile(t, "piv")
	for _, test := range []struct{ name, digits, why string }{
		{"nothing", "", "6 to 8 digits"},
		{"short", "91827", "6 to 8 digits"},
		{"long", "918273645", "6 to 8 digits"},
		{"a letter", "91827x", "not a digit"},
		{"a space", "91827 ", "not a digit"},
		{"filled up", "918273\xff\xff", "not a digit"},
		{"other digits", "９１", "not a digit"},
	} {
		_, err := eid.ParsePIN(piv, test.digits)
		if err == nil || !strings.Contains(err.Error(), test.why) {
			t.Errorf("%s: error %v", test.name, err)
		} else if test.digits != "" && strings.Contains(err.Error(), test.digits) {
			t.Errorf("%s: the error holds the PIN", test.name)
		}
	}
	if _, err := eid.ParsePIN(profile(t, "piv-no-pin"), "918273"); err == nil || !strings.Contains(err.Error(), "take no PIN") {
		t.Errorf("a PIN where none is: %v", err)
	}
}

// TestPINStaysSecret prints a PIN in every way that a program prints things.
func TestPINStaysSecret(t *testing.T) {
	const digits = "91827364"
	secret := pin(t, profile(t, "piv"), digits)
	held := struct{ pin eid.SecretPIN }{secret}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "pin", secret, "held", held, "pointer", &secret)
	outputs := []string{log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%U"} {
		for _, v := range []any{secret, &secret, held, &held, []eid.SecretPIN{secret}, map[string]eid.SecretPIN{"": secret}} {
			outputs = append(outputs, fmt.Sprintf(verb, v))
		}
	}
	hidden := []string{digits, fmt.Sprintf("%x", digits), fmt.Sprintf("%X", digits), fmt.Sprint([]byte(digits)), strings.Trim(fmt.Sprint([]byte(digits)), "[]")}
	for _, out := range outputs {
		for _, h := range hidden {
			if strings.Contains(out, h) {
				t.Errorf("the PIN is in %q", out)
			}
		}
	}
	if b, err := json.Marshal(secret); err == nil {
		t.Errorf("the PIN as JSON: %s", b)
	}
	if b, err := json.Marshal(map[string]any{"pin": &secret}); err == nil {
		t.Errorf("the PIN inside JSON: %s", b)
	}
	if _, err := secret.MarshalText(); err == nil {
		t.Error("the PIN as text")
	}
}
