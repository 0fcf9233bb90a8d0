package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
)

// withTPM lets the machine's configuration name its TPM.
func withTPM(t *testing.T, m *kiosktest.Machine) {
	t.Helper()
	m.Config.Key = kiosk.Key{File: m.Path("station.sealed"), TPM: m.Booth.TPM.Socket(), PCRs: []int{0, 4, 7}}
	b, err := json.Marshal(m.Config)
	must(t, err)
	must(t, os.WriteFile(m.Path("kiosk.json"), b, 0o600))
}

// sealFor seals a file system's key with the program.
func sealFor(t *testing.T, m *kiosktest.Machine, key []byte, name string) {
	t.Helper()
	c := kioskProcess(t, "key", "seal", "--config", m.Path("kiosk.json"), m.Path(name))
	c.Stdin = bytes.NewReader(key)
	if out, err := c.CombinedOutput(); err != nil || len(out) != 0 {
		t.Fatalf("key seal: %v, %q", err, out)
	}
}

// pipeInto joins kiosk key open and another program by a pipe, as a shell does, and
// returns the statuses of both and what they said.
func pipeInto(t *testing.T, m *kiosktest.Machine, sealed string, program *exec.Cmd) (opened, used int, said string) {
	t.Helper()
	open := kioskProcess(t, "key", "open", "--config", m.Path("kiosk.json"), m.Path(sealed))
	r, w, err := os.Pipe()
	must(t, err)
	var openSays, programSays bytes.Buffer
	open.Stdout, open.Stderr = w, &openSays
	program.Stdin, program.Stdout, program.Stderr = r, &programSays, &programSays
	must(t, open.Start())
	must(t, program.Start())
	must(t, errors.Join(r.Close(), w.Close()))
	open.Wait()
	program.Wait()
	return open.ProcessState.ExitCode(), program.ProcessState.ExitCode(), openSays.String() + programSays.String()
}

func cryptsetup(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/sbin") {
		if path, err := exec.LookPath(filepath.Join(dir, "cryptsetup")); err == nil {
			return exec.Command(path, args...)
		}
	}
	t.Fatal("the Debian package cryptsetup-bin is not installed")
	return nil
}

// quick makes a LUKS header in no time: keys of 64 random bytes need no slow derivation.
var quick = []string{"--batch-mode", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"}

func newFileSystem(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "device")
	must(t, os.WriteFile(path, nil, 0o600))
	must(t, os.Truncate(path, 32<<20))
	return path
}

// TestFileSystemKey: a sealed key makes and opens an encrypted file system, a passphrase for the day on
// which the TPM does not stands beside it, and after a change of the machine, or with another TPM, cryptsetup
// gets nothing.
func TestFileSystemKey(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	withTPM(t, m)
	key, other := make([]byte, 64), make([]byte, 128)
	rand.Read(key)
	rand.Read(other)
	sealFor(t, m, key, "database.sealed")
	sealFor(t, m, other, "other.sealed")
	device := newFileSystem(t)
	words := filepath.Join(t.TempDir(), "words")
	must(t, os.WriteFile(words, []byte("kept in the safe"), 0o600))
	if out, err := cryptsetup(t, append([]string{"luksFormat", "--type", "luks2", "--key-file", words, device}, quick...)...).CombinedOutput(); err != nil {
		t.Fatalf("luksFormat: %v, %s", err, out)
	}
	test := func() *exec.Cmd { return cryptsetup(t, "open", "--test-passphrase", "--key-file=-", device) }
	if opened, used, said := pipeInto(t, m, "database.sealed", test()); opened != 0 || used != 2 {
		t.Errorf("before it was added: %d, %d, %s", opened, used, said)
	}
	if opened, used, said := pipeInto(t, m, "database.sealed", cryptsetup(t, append([]string{"luksAddKey", "--key-file", words, device, "/dev/stdin"}, quick...)...)); opened != 0 || used != 0 {
		t.Fatalf("luksAddKey: %d, %d, %s", opened, used, said)
	}
	if opened, used, said := pipeInto(t, m, "database.sealed", test()); opened != 0 || used != 0 || said != "" {
		t.Errorf("the right key: %d, %d, %s", opened, used, said)
	}
	if opened, used, said := pipeInto(t, m, "other.sealed", test()); opened != 0 || used != 2 {
		t.Errorf("another file system's key: %d, %d, %s", opened, used, said)
	}
	refused := func(name, says string) {
		t.Helper()
		opened, used, said := pipeInto(t, m, "database.sealed", test())
		if opened != 1 || used == 0 || !strings.Contains(said, says) || !strings.Contains(said, "docs/hardware/tpm.md") {
			t.Errorf("%s: %d, %d, %s", name, opened, used, said)
		}
	}
	m.Booth.TPM.ExtendPCR(4)
	refused("another boot loader", "not started as it was")
	if out, err := cryptsetup(t, "open", "--test-passphrase", "--key-file", words, device).CombinedOutput(); err != nil {
		t.Errorf("the words from the safe: %v, %s", err, out)
	}
	m.Booth.TPM.Restart()
	if opened, used, said := pipeInto(t, m, "database.sealed", test()); opened != 0 || used != 0 {
		t.Errorf("started as it was: %d, %d, %s", opened, used, said)
	}
	m.Booth.TPM.Reset()
	refused("another TPM", "sealed by another TPM")
	must(t, os.Truncate(m.Path("database.sealed"), 100))
	refused("a damaged file", "damaged blob")
}

// TestKeyIsFormat: the very key that was sealed formats a file system too, without being anywhere between.
func TestKeyIsFormat(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	withTPM(t, m)
	key := []byte("a key with \n a new line, and \x00, of which nothing may be lost")
	sealFor(t, m, key, "media.sealed")
	device := newFileSystem(t)
	if opened, used, said := pipeInto(t, m, "media.sealed", cryptsetup(t, append([]string{"luksFormat", "--type", "luks2", "--key-file=-", device}, quick...)...)); opened != 0 || used != 0 {
		t.Fatalf("luksFormat: %d, %d, %s", opened, used, said)
	}
	c := cryptsetup(t, "open", "--test-passphrase", "--key-file=-", device)
	c.Stdin = bytes.NewReader(key)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("the key itself: %v, %s", err, out)
	}
}

// TestKeyOpensIntoPipesOnly: neither file, device, nor terminal.
func TestKeyOpensIntoPipesOnly(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	withTPM(t, m)
	secret := []byte("neither file, nor device, nor terminal")
	sealFor(t, m, secret, "database.sealed")
	file, err := os.Create(m.Path("leaked"))
	must(t, err)
	defer file.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	must(t, err)
	defer null.Close()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	must(t, err)
	defer terminal.Close()
	for name, out := range map[string]*os.File{"a file": file, "a device": null, "a terminal": terminal} {
		c := kioskProcess(t, "key", "open", "--config", m.Path("kiosk.json"), m.Path("database.sealed"))
		var said bytes.Buffer
		c.Stdout, c.Stderr = out, &said
		if err := c.Run(); err == nil || c.ProcessState.ExitCode() != 2 || !strings.Contains(said.String(), "the output is no pipe") || bytes.Contains(said.Bytes(), secret) {
			t.Errorf("into %s: %v, %s", name, err, &said)
		}
	}
	if info, err := file.Stat(); err != nil || info.Size() != 0 {
		t.Errorf("%d bytes were written to a file, %v", info.Size(), err)
	}
}

// TestKeyRefusals: what can be done wrong is said, and nothing is written.
func TestKeyRefusals(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	config := []string{"--config", m.Path("kiosk.json")}
	fails := func(status int, says string, stdin []byte, args ...string) {
		t.Helper()
		c := kioskProcess(t, append(args, config...)...)
		c.Stdin = bytes.NewReader(stdin)
		out, _ := c.CombinedOutput()
		if got := c.ProcessState.ExitCode(); got != status || !strings.Contains(string(out), says) {
			t.Errorf("%q: status %d, %s", args, got, out)
		}
	}
	sealed := m.Path("some.sealed")
	reseal := []string{"key", "station", "--key", m.Path("station.age"), "--passphrase-file", m.Path("passphrase")}
	fails(2, "the configuration names no TPM", []byte("key"), "key", "seal", sealed)
	fails(2, "the configuration names no TPM", nil, reseal...)
	withTPM(t, m)
	fails(2, "a secret of 0 bytes", nil, "key", "seal", sealed)
	fails(2, "a secret of 129 bytes", make([]byte, 1<<20), "key", "seal", sealed)
	fails(2, "no such file", nil, "key", "open", sealed)
	fails(1, "this machine was not provisioned", nil, reseal...)
	for _, path := range []string{sealed, m.Config.Key.File} {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	fails(0, "", []byte("key"), "key", "seal", sealed)
	before, err := os.ReadFile(sealed)
	must(t, err)
	fails(2, "SEALED is a new file", []byte("another"), "key", "seal", sealed)
	if after, err := os.ReadFile(sealed); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a sealed key was replaced: %v", err)
	}
	m.Booth.TPM.Stop()
	fails(2, "no TPM 2.0 there", nil, "key", "open", sealed)
	fails(2, "no TPM 2.0 there", []byte("key"), "key", "seal", m.Path("later.sealed"))
	m.Booth.TPM.Restart()
	fails(0, "", nil, "key", "open", sealed)
}

// TestStationKeyAnew: after an update the station's key is sealed anew with the program; it is handed to no other
// program.
func TestStationKeyAnew(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	withTPM(t, m)
	config := []string{"--config", m.Path("kiosk.json")}
	keyed := append(config, "--key", m.Path("station.age"), "--passphrase-file", m.Path("passphrase"))
	says := func(status int, what string, args ...string) {
		t.Helper()
		if out, got := once(t, args...); got != status || !strings.Contains(out, what) {
			t.Errorf("%q: status %d, %s", args, got, out)
		}
	}
	selftest := append([]string{"selftest"}, config...)
	says(0, "sealed by the TPM", append([]string{"provision"}, keyed...)...)
	if out, _ := once(t, selftest...); strings.Count(out, "NOT READY") != 1 || !strings.Contains(out, "NOT READY  clock") { // it is not the day of the vote
		t.Errorf("selftest: %s", out)
	}
	m.Booth.TPM.Restart()
	m.Booth.TPM.ExtendPCR(7) // the update
	says(1, "not started as it was", selftest...)
	station := append([]string{"key", "station"}, keyed...)
	says(2, "move the former sealed file away", station...)
	must(t, os.Rename(m.Path("station.sealed"), m.Path("former.sealed")))
	says(0, "sealed: ", station...)
	if out, _ := once(t, selftest...); strings.Count(out, "NOT READY") != 1 || !strings.Contains(out, "NOT READY  clock") {
		t.Errorf("selftest after sealing anew: %s", out)
	}
	says(2, "this is the station's own key", "key", "open", "--config", m.Path("kiosk.json"), m.Path("station.sealed"))
	if out, status := once(t, append([]string{"log"}, config...)...); status != 0 || strings.Count(out, "key-sealed") != 2 {
		t.Errorf("log: status %d, %s", status, out)
	}
}

// TestNoKeyIsPrinted: whatever goes wrong, a key is in no message.
func TestNoKeyIsPrinted(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	withTPM(t, m)
	secret := []byte("QuietKeyOfTheFileSystem")
	sealFor(t, m, secret, "database.sealed")
	open := kioskProcess(t, "key", "open", "--config", m.Path("kiosk.json"), m.Path("database.sealed"))
	r, w, err := os.Pipe()
	must(t, err)
	must(t, r.Close()) // the program that wants the key is gone
	var said bytes.Buffer
	open.Stdout, open.Stderr = w, &said
	if err := open.Run(); err == nil {
		t.Error("a key for nobody, and no error")
	}
	must(t, w.Close())
	for _, form := range []string{string(secret), fmt.Sprintf("%x", secret), strings.Trim(fmt.Sprint(secret), "[]")} {
		if strings.Contains(said.String(), form) {
			t.Errorf("it said %s", &said)
		}
	}
}

// TestMeasure: what is shown is what tpm2_pcrread reads, and changes with what was started.
func TestMeasure(t *testing.T) {
	m := kiosktest.New(t, record.TestDeck, 3)
	measured := func() string {
		t.Helper()
		out, status := once(t, "key", "measure", "--config", m.Path("kiosk.json"))
		if status != 0 {
			t.Fatalf("status %d, %s", status, out)
		}
		return out
	}
	if out, status := once(t, "key", "measure", "--config", m.Path("kiosk.json")); status != 2 || !strings.Contains(out, "names no TPM") {
		t.Errorf("without a TPM: status %d, %s", status, out)
	}
	withTPM(t, m)
	m.Booth.TPM.ExtendPCR(4)
	out, err := m.Booth.TPM.Tool("tpm2_pcrread", "sha256:0,4,7")
	must(t, err)
	h := sha256.New()
	for line := range strings.Lines(out) {
		if _, value, ok := strings.Cut(line, "0x"); ok {
			b, err := hex.DecodeString(strings.TrimSpace(value))
			must(t, err)
			h.Write(b)
		}
	}
	before := measured()
	if want := fmt.Sprintf("TEST DECK: measured: %x, PCRs [0 4 7]\n", h.Sum(nil)); before != want {
		t.Errorf("%q instead of %q", before, want)
	}
	m.Booth.TPM.ExtendPCR(1)
	if after := measured(); after != before {
		t.Errorf("PCR 1 changed it to %q", after)
	}
	m.Booth.TPM.ExtendPCR(7)
	if after := measured(); after == before {
		t.Error("PCR 7 did not change it")
	}
}
