package media

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A Candidate is a removable block device: what a person can choose as a medium.
// It says nothing of its content; Open checks that.
type Candidate struct {
	Source    string // path of the partition, or of the disk if it has none
	Size      int64  // bytes
	Model     string // as the device calls itself, without control characters; "" if it does not
	Protected bool   // it takes no writes

	sequence string // so that a stick exchanged quickly is another one
}

// List returns the removable block devices that are plugged in now, sorted by
// source: none on a machine without. A card reader without card, and a disc
// drive, are not listed.
func List() ([]Candidate, error) { return here().list() }

func (h host) list() ([]Candidate, error) {
	disks, err := os.ReadDir(filepath.Join(h.sys, "block"))
	if err != nil {
		return nil, fmt.Errorf("listing removable media: %w", err)
	}
	var all []Candidate
	for _, d := range disks {
		all = append(all, h.candidates(d.Name())...)
	}
	slices.SortFunc(all, func(a, b Candidate) int { return strings.Compare(a.Source, b.Source) })
	return all, nil
}

// candidates returns the partitions of a removable disk, or the disk. Of one that
// goes while it is looked at, nothing.
func (h host) candidates(name string) []Candidate {
	dir, err := filepath.EvalSymlinks(filepath.Join(h.sys, "block", name))
	if err != nil || !removable(dir) || strings.HasPrefix(name, "sr") {
		return nil
	}
	read := func(file string) string {
		s, err := firstLine(filepath.Join(dir, file))
		if err != nil {
			return ""
		}
		return s
	}
	model := strings.TrimSpace(read("device/vendor") + " " + read("device/model") + " " + read("device/name"))
	whole := Candidate{Source: "/dev/" + name, Size: sectors(dir), Model: printable(model), Protected: read("ro") == "1", sequence: read("diskseq")}
	if whole.Size == 0 {
		return nil
	}
	inside, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var parts []Candidate
	for _, e := range inside {
		at := filepath.Join(dir, e.Name())
		if _, err := os.Stat(filepath.Join(at, "partition")); err == nil {
			part := whole
			part.Source, part.Size = "/dev/"+e.Name(), sectors(at)
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return []Candidate{whole}
	}
	return parts
}

// removable reports whether the kernel calls a disk removable, it is connected by
// USB (as disks in a case are), or is an SD card.
func removable(dir string) bool {
	flag, err := firstLine(filepath.Join(dir, "removable"))
	if err != nil {
		return false
	}
	card, err := firstLine(filepath.Join(dir, "device/type"))
	return flag == "1" || strings.Contains(dir, "/usb") || err == nil && card == "SD"
}

// sectors returns the size of a disk or partition in bytes; 0 if it has none.
// Sysfs counts sectors of 512 bytes whatever the device's own are.
func sectors(dir string) int64 {
	const sector = 512
	s, err := firstLine(filepath.Join(dir, "size"))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1<<53 {
		return 0
	}
	return n * sector
}

// printable is what a device calls itself, fit for a screen.
func printable(s string) string {
	const most = 64
	clean := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, s)
	if runes := []rune(clean); len(runes) > most {
		clean = string(runes[:most])
	}
	return strings.Join(strings.Fields(clean), " ")
}

// A Change says that a candidate came or went.
type Change struct {
	Candidate Candidate
	Came      bool // false: it went
}

// Watch tells which candidates come and go: first, as having come, those that
// are there. It looks twice a second. The channel is closed when the context
// ends.
func Watch(ctx context.Context) <-chan Change {
	return here().watch(ctx, 500*time.Millisecond)
}

func (h host) watch(ctx context.Context, every time.Duration) <-chan Change {
	changes := make(chan Change)
	go func() {
		defer close(changes)
		tick := time.NewTicker(every)
		defer tick.Stop()
		var known []Candidate
		for {
			now, err := h.list()
			if err != nil {
				now = known // the next look may tell
			}
			if !tell(ctx, changes, known, now) {
				return
			}
			known = now
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return changes
}

// tell sends what went and what came between two looks, until the context ends.
func tell(ctx context.Context, changes chan<- Change, before, now []Candidate) bool {
	var all []Change
	for _, c := range before {
		if !slices.Contains(now, c) {
			all = append(all, Change{c, false})
		}
	}
	for _, c := range now {
		if !slices.Contains(before, c) {
			all = append(all, Change{c, true})
		}
	}
	for _, c := range all {
		select {
		case changes <- c:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
