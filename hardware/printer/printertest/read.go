package printertest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// patience is how long a reader may take over a picture, on a busy machine.
const patience = 2 * time.Minute

// ReadCodes returns the contents of the QR codes in a picture of paper, as zbarimg
// reads them. None is no error.
func ReadCodes(paper image.Image) ([]string, error) {
	g, err := grey(paper)
	if err != nil {
		return nil, fmt.Errorf("reading codes: %w", err)
	}
	picture := pgm(margin(g, 40))
	out, err := zbar(picture, "--xml")
	if err != nil {
		return nil, fmt.Errorf("reading codes: %w", err)
	}
	codes, plain, err := parseCodes(out)
	if err != nil {
		return nil, fmt.Errorf("reading codes: %w", err)
	}
	if plain {
		return codes, nil
	}
	if out, err = zbar(picture, "--raw"); err == nil {
		codes, err = splitCodes(codes, out)
	}
	if err != nil {
		return nil, fmt.Errorf("reading codes: %w", err)
	}
	return codes, nil
}

func zbar(picture []byte, form string) ([]byte, error) {
	out, err := run(picture, "zbar-tools", "zbarimg", "--quiet", "--nodbus", form, "-Sdisable", "-Sqrcode.enable", "-")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 4 { // no code found
		return nil, nil
	}
	return out, err
}

// parseCodes reads what zbarimg --xml wrote. Contents that are not ASCII are in
// base64 there, and their bytes are wrong (zbar-tools 0.23.92), but not their
// number: then plain is false.
func parseCodes(out []byte) (codes []string, plain bool, err error) {
	var doc struct {
		Data []struct {
			Format string `xml:"format,attr"`
			Text   string `xml:",chardata"`
		} `xml:"source>index>symbol>data"`
	}
	if len(out) == 0 {
		return nil, true, nil
	}
	if err := xml.Unmarshal(out, &doc); err != nil {
		return nil, false, err
	}
	plain = true
	for _, d := range doc.Data {
		if d.Format == "base64" {
			b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(d.Text), ""))
			if err != nil {
				return nil, false, err
			}
			d.Text, plain = string(b), false
		}
		codes = append(codes, d.Text)
	}
	return codes, plain, nil
}

// splitCodes cuts what zbarimg --raw wrote into contents as long as those given.
// Each ends with a line feed of zbarimg's own.
func splitCodes(long []string, raw []byte) ([]string, error) {
	var codes []string
	for _, c := range long {
		if len(raw) <= len(c) || raw[len(c)] != '\n' {
			return nil, errors.New("zbarimg gave two answers to one picture")
		}
		codes = append(codes, string(raw[:len(c)]))
		raw = raw[len(c)+1:]
	}
	return codes, nil
}

// run gives a picture to a program, which a Debian package brings.
func run(picture []byte, debian, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Stdin = bytes.NewReader(picture)
	c.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1") // more threads make tesseract slower
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("%w (Debian package %s)", err, debian)
	case err != nil:
		return out, fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}
