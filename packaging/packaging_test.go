// Package packaging has what a polling station's machine needs beside the
// program: the session that starts it, the unit that starts the session, and the
// settings of the system around them, as docs/operators/installing.md describes
// them. There is no Go code in it but these tests.
package packaging

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// need finds a program, or fails the test with the Debian package that has it.
func need(t *testing.T, program, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%v: install the Debian package %s", err, debianPackage)
	}
	return path
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, file, text string, mode fs.FileMode) string {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return file
}

// output runs a program to its end and returns what it writes to either output.
func output(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	b, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, b)
	}
	return string(b)
}

func TestShell(t *testing.T) {
	output(t, exec.Command(need(t, "shellcheck", "shellcheck"), "session", "install", "open-disk"))
}

// TestUnits lets systemd read the units, with stand-ins for what is not
// installed where this is tested.
func TestUnits(t *testing.T) {
	analyze := need(t, "systemd-analyze", "systemd")
	need(t, "cryptsetup", "cryptsetup-bin")
	folder := t.TempDir()
	program := write(t, filepath.Join(folder, "program"), "#!/bin/sh\n", 0o755)
	for unit, as := range map[string]string{"kiosk.service": "kiosk.service", "kiosk-disk@.service": "kiosk-disk@first.service"} {
		text := regexp.MustCompile(`(?m)^(ExecStart=)/usr/lib/referendum/[a-z-]+`).ReplaceAllString(read(t, unit), "${1}"+program)
		if !strings.Contains(text, program) {
			t.Fatalf("%s starts nothing of ours", unit)
		}
		copied := write(t, filepath.Join(folder, as), text, 0o644)
		if said := output(t, exec.Command(analyze, "verify", "--man=no", copied)); said != "" {
			t.Errorf("%s: %s", unit, said)
		}
	}
}

// TestExposure holds what docs/operators/installing.md says of the unit against what
// systemd finds.
func TestExposure(t *testing.T) {
	said := output(t, exec.Command(need(t, "systemd-analyze", "systemd"), "security", "--no-pager", "--offline=true", "./kiosk.service"))
	found := regexp.MustCompile(`Overall exposure level for kiosk.service: ([0-9.]+) OK`).FindStringSubmatch(said)
	if found == nil {
		t.Fatalf("no figure in %s", said)
	}
	if !strings.Contains(read(t, "../docs/operators/installing.md"), "an exposure of "+found[1]+" of 10") {
		t.Errorf("the exposure is %s; docs/operators/installing.md says something else", found[1])
	}
}

// TestRules lets udev read the rules. Groups are made when they are installed.
func TestRules(t *testing.T) {
	need(t, "udevadm", "udev")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	const script = `mount -t tmpfs none /run/udev && mkdir /run/udev/rules.d && cp "$1/udev.rules" /run/udev/rules.d/60-ours.rules &&
		cp "$1/station.rules" /run/udev/rules.d/61-ours.rules && echo 'SUBSYTEM=="block"' >/run/udev/rules.d/62-ours.rules && udevadm test /devices/virtual/mem/null 2>&1`
	if err := os.MkdirAll("/run/udev", 0o755); err != nil {
		t.Fatal(err)
	}
	said := output(t, exec.Command(need(t, "unshare", "util-linux"), "-m", "sh", "-c", script, "sh", here))
	var complaints []string
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "/run/udev/rules.d/") && !strings.Contains(line, "Unknown group") {
			complaints = append(complaints, strings.TrimSpace(line))
		}
	}
	if want := []string{"/run/udev/rules.d/62-ours.rules:1 Invalid key 'SUBSYTEM'"}; !slices.Equal(complaints, want) {
		t.Errorf("udev says %q, not %q", complaints, want)
	}
	if n := strings.Count(said, "Reading rules file: /run/udev/rules.d/"); n != 3 {
		t.Errorf("udev reads %d files", n)
	}
}

// TestSettings: every key that we set is one that systemd's own files list.
func TestSettings(t *testing.T) {
	for _, name := range []string{"logind.conf", "system.conf", "journald.conf"} {
		known, n := "\n"+read(t, "/etc/systemd/"+name), 0
		for line := range strings.Lines(read(t, name)) {
			key, _, found := strings.Cut(line, "=")
			if !found || strings.HasPrefix(line, "#") {
				continue
			}
			n++
			if !strings.Contains(known, "\n#"+key+"=") {
				t.Errorf("%s: systemd has no %s", name, key)
			}
		}
		if n < 3 {
			t.Errorf("%s sets %d keys", name, n)
		}
	}
}

// TestInstall installs into an empty folder: everything that docs/operators/installing.md
// lists is there, the user and the folders can be made, and nothing else is touched.
func TestInstall(t *testing.T) {
	need(t, "systemd-sysusers", "systemd")
	root, release := t.TempDir(), t.TempDir()
	kiosk := write(t, filepath.Join(release, "kiosk"), "#!/bin/sh\n", 0o755)
	install := func() (string, error) {
		c := exec.Command("./install", kiosk)
		c.Env = append(os.Environ(), "DESTDIR="+root)
		b, err := c.CombinedOutput()
		return string(b), err
	}
	write(t, filepath.Join(release, "SHA256SUMS"), strings.Repeat("0", 64)+"  kiosk\n", 0o644)
	if said, err := install(); err == nil || !strings.Contains(said, "kiosk: FAILED") {
		t.Fatalf("a program with another sum is installed: %v\n%s", err, said)
	}
	write(t, filepath.Join(release, "SHA256SUMS"), strings.Repeat("0", 64)+"  others\n", 0o644)
	if said, err := install(); err == nil {
		t.Fatalf("a program without a sum is installed:\n%s", said)
	}
	if entries, err := os.ReadDir(root); err != nil || len(entries) != 0 {
		t.Fatalf("refused, and yet there are %v, %v", entries, err)
	}
	write(t, filepath.Join(release, "SHA256SUMS"), output(t, exec.Command("sh", "-c", `cd "$1" && sha256sum kiosk`, "sh", release)), 0o644)
	first, err := install()
	if err != nil {
		t.Fatalf("%v\n%s", err, first)
	}
	again, err := install() // over what is there
	if err != nil || again != first {
		t.Errorf("a second time: %v\n%s", err, again)
	}
	checkInstalled(t, root)
	output(t, exec.Command("systemd-sysusers", "--root="+root))
	output(t, exec.Command("systemd-tmpfiles", "--root="+root, "--create"))
	for folder, mode := range map[string]fs.FileMode{"/var/lib/referendum": 0o700, "/srv/second": 0o700, "/etc/referendum": 0o750, "/mnt/medium": 0o755} {
		info, err := os.Stat(root + folder)
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", folder, info, err)
		}
	}
	if users := read(t, root+"/etc/passwd"); !strings.Contains(users, ":/var/lib/referendum:/usr/sbin/nologin") {
		t.Errorf("the user is %s", users)
	}
}

// checkInstalled compares what is installed with the table of the docs.
func checkInstalled(t *testing.T, root string) {
	t.Helper()
	docs, installed := read(t, "../docs/operators/installing.md"), 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		installed++
		place := strings.TrimPrefix(file, root)
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Type() == fs.ModeSymlink {
			if to, err := os.Readlink(file); err != nil || to != "/dev/null" || filepath.Dir(place) != "/etc/systemd/system" {
				t.Errorf("%s leads to %s, %v", place, to, err)
			}
			return nil
		}
		want := fs.FileMode(0o644)
		if strings.HasPrefix(place, "/usr/bin/") || strings.HasPrefix(place, "/usr/lib/referendum/") {
			want = 0o755
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v", place, info.Mode())
		}
		if !strings.HasPrefix(place, "/usr/share/doc/") && !strings.Contains(docs, "`"+place+"`") {
			t.Errorf("%s is not in docs/operators/installing.md", place)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if installed != 26 {
		t.Errorf("%d files are installed", installed)
	}
	ours, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	script := read(t, "install")
	for _, file := range ours {
		if file != "install" && filepath.Ext(file) != ".go" && !bytes.Contains([]byte(script), []byte("\"$here/"+file+"\"")) {
			t.Errorf("%s is not installed", file)
		}
	}
}
