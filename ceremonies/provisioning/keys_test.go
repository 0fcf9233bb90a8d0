package provisioning

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/ceremonies/ceremonytest"
	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/record"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error:\n  %v\nwant:\n  %s", err, want)
	}
}

func key(name string) SecretKey { return must(GenerateKey(ceremonytest.Random(name))) }

func TestParseKeyRefuses(t *testing.T) {
	good := key("k").Export()
	for name, text := range map[string]string{
		"nothing":            "",
		"a trustee's secret": ceremonytest.Secret(1).Export(),
		"lower case":         keyPrefix + strings.ToLower(strings.TrimPrefix(good, keyPrefix)),
		"a byte less":        good[:len(good)-2],
		"a byte more":        good + "00",
		"a line more":        good + "\n",
	} {
		if _, err := ParseKey(text); err == nil || err.Error() != "not a signing key" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if again := must(ParseKey(good)); again.Public() != key("k").Public() {
		t.Error("another key came back")
	}
	_, err := GenerateKey(bytes.NewReader(make([]byte, 31)))
	wantError(t, err, "reading randomness: ")
}

func TestSigningKeysCannotBePrinted(t *testing.T) {
	k := key("printed")
	seed := k.Signer().Seed()
	held := struct {
		k SecretKey
		p *SecretKey
	}{k, &k}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%p", "%U"} {
		for _, v := range []any{k, &k, held, &held, []SecretKey{k}} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "key", k, "held", held)
	for _, form := range []string{string(seed), hex.EncodeToString(seed), strings.ToUpper(hex.EncodeToString(seed)), strings.Trim(fmt.Sprint(seed), "[]")} {
		if strings.Contains(out.String(), form) {
			t.Fatalf("the key is printed:\n%s", out.String())
		}
	}
	if _, err := json.Marshal(k); err == nil {
		t.Error("a key in JSON")
	}
	if _, err := k.MarshalText(); err == nil {
		t.Error("a key in a text")
	}
}

func TestKeyFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "authority.age")
	must(0, WriteKey(path, key("a"), "passphrase", 1))
	if err := WriteKey(path, key("b"), "passphrase", 1); !errors.Is(err, fs.ErrExist) {
		t.Errorf("writing again: %v", err)
	}
	if info := must(os.Stat(path)); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if k := must(ReadKey(path, "passphrase")); k.Public() != key("a").Public() {
		t.Error("another key")
	}
	if _, err := ReadKey(path, "another"); !errors.Is(err, keygen.ErrPassphrase) {
		t.Errorf("another passphrase: %v", err)
	}
	for name, content := range map[string][]byte{
		"empty":            {},
		"truncated":        must(os.ReadFile(path))[:50],
		"oversized":        make([]byte, maxKeyFile+1),
		"a trustee's":      must(keygen.Lock(ceremonytest.Secret(1).Export(), "passphrase", 1)),
		"not under armour": []byte(key("a").Export()),
	} {
		bad := filepath.Join(dir, strings.ReplaceAll(name, "'", ""))
		must(0, os.WriteFile(bad, content, 0o600))
		if _, err := ReadKey(bad, "passphrase"); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseHoldersRefuses(t *testing.T) {
	no := "list of voters: line %d is no identifier: empty, longer than 128 bytes, or with white space or unprintable characters"
	for name, c := range map[string]struct{ list, want string }{
		"no last newline":   {"A1\nA2", "list of voters: not lines of UTF-8 text"},
		"another encoding":  {"A1\n\xa4\xa4\n", "list of voters: not lines of UTF-8 text"},
		"an empty line":     {"A1\n\nA2\n", fmt.Sprintf(no, 2)},
		"an empty list":     {"\n", fmt.Sprintf(no, 1)},
		"white space":       {"A1\n A2\n", fmt.Sprintf(no, 2)},
		"Windows lines":     {"A1\r\nA2\r\n", fmt.Sprintf(no, 1)},
		"a byte order mark": {"\ufeffA1\n", fmt.Sprintf(no, 1)},
		"a control":         {"A\x001\n", fmt.Sprintf(no, 1)},
		"too long":          {strings.Repeat("x", 129) + "\n", fmt.Sprintf(no, 1)},
		"twice":             {"A1\nA2\nA1\n", "list of voters: line 3 is line 1 again"},
		"too many":          {strings.Repeat("x\n", record.MaxRegistered+1), "list of voters: 100001 lines, allowed are 100000"},
	} {
		holders, err := ParseHolders([]byte(c.list))
		if err == nil || err.Error() != c.want || holders != nil {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if h, err := ParseHolders(nil); err != nil || len(h) != 0 {
		t.Errorf("nobody: %q, %v", h, err)
	}
	if h := must(ParseHolders([]byte("A1\n王小明\n"))); len(h) != 2 || h[1] != "王小明" {
		t.Errorf("read %q", h)
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(key("k").Export())
	f.Add(strings.ToLower(key("k").Export()))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := ParseKey(text); err == nil && k.Export() != text {
			t.Errorf("two texts of one key: %q", text)
		}
	})
}

func FuzzParseHolders(f *testing.F) {
	f.Add([]byte("A1\nA2\n"))
	f.Add([]byte("A1\nA1\n"))
	f.Add([]byte("A1\r\n"))
	f.Add([]byte("\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		holders, err := ParseHolders(b)
		if err != nil {
			return
		}
		again := ""
		for _, h := range holders {
			again += h + "\n"
		}
		if again != string(b) {
			t.Errorf("two lists of the same holders: %q", b)
		}
	})
}
