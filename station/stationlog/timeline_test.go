package stationlog

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"
)

// noon is the short log, gone on an hour later with an alarm, and then back
// again: somebody has set the clock.
func noon(t *testing.T) []Entry {
	t.Helper()
	b, l := day(t)
	for _, c := range []struct {
		hours time.Duration
		event Event
		d     []Detail
	}{
		{1, TamperDetected, []Detail{At(BoxDoor)}}, {0, ClockWrong, []Detail{Clock(WentBack)}}, {0, MediumRefused, []Detail{Refused(MediumFull)}},
	} {
		line, err := l.Append(HourOf(morning.t.Add(c.hours*time.Hour)), c.event, c.d...)
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, line...)
	}
	_, entries, err := Read(Start(election, station), b)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// TestTimeline holds the text that people see against files that people have
// read.
func TestTimeline(t *testing.T) {
	taipei := time.FixedZone("", 8*3600)
	for name, c := range map[string]struct {
		l    Language
		zone *time.Location
	}{"en": {English, nil}, "zh-Hant": {Chinese, taipei}, "both": {Both, taipei}} {
		file := "testdata/timeline-" + name + ".txt"
		var b bytes.Buffer
		if err := Timeline(&b, noon(t), c.l, c.zone); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s: the timeline is now:\n%s", file, &b)
		}
	}
}

// full is a writer without room.
type full struct{}

var errFull = errors.New("no room")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestTimelineFails(t *testing.T) {
	if err := Timeline(full{}, noon(t), Both, nil); !errors.Is(err, errFull) {
		t.Errorf("writing to a full disk: %v", err)
	}
	var b bytes.Buffer
	if err := Timeline(&b, []Entry{{Event: 99}}, English, nil); err == nil || err.Error() != "timeline: no event 99" {
		t.Errorf("an event that is none: %v", err)
	}
	if err := Timeline(&b, nil, English, nil); err != nil || b.Len() != 0 {
		t.Errorf("of no entries: %q, %v", &b, err)
	}
}

// TestTimelineHidesTheMinute: whatever the zone, times are whole hours of the
// log.
func TestTimelineHidesTheMinute(t *testing.T) {
	var b bytes.Buffer
	india := time.FixedZone("", 5*3600+1800)
	if err := Timeline(&b, noon(t), English, india); err != nil {
		t.Fatal(err)
	}
	for _, s := range regexp.MustCompile(`[0-9]+:[0-9]+`).FindAllString(b.String(), -1) {
		if s[len(s)-3:] != ":30" {
			t.Errorf("a time %q", s)
		}
	}
}

// TestChineseDetails: each value of the vocabulary has its word.
func TestChineseDetails(t *testing.T) {
	han := regexp.MustCompile(`\p{Han}`)
	for key, values := range vocabulary {
		words := chineseDetails[key]
		if len(words.values) != len(values) || !han.MatchString(words.name) {
			t.Errorf("%s: %d words for %d values", key, len(words.values), len(values))
		}
		for i, w := range words.values {
			if key != "official" && !han.MatchString(w) {
				t.Errorf("%s: %q is %q in Chinese", key, values[i], w)
			}
		}
	}
	if len(chineseDetails) != len(vocabulary) {
		t.Errorf("words for %d details of %d", len(chineseDetails), len(vocabulary))
	}
	for _, d := range Catalogue() {
		if !han.MatchString(d.Chinese.Meaning) || !han.MatchString(d.Chinese.Do) || han.MatchString(d.English.Meaning+d.English.Do) {
			t.Errorf("%s: words in the wrong language", d.Name)
		}
		// A detail is named as the timeline shows it, in Chinese; 視窗 is one on a screen.
		if regexp.MustCompile("`|視窗|[a-z]").MatchString(d.Chinese.Meaning + d.Chinese.Do) {
			t.Errorf("%s: %s%s", d.Name, d.Chinese.Meaning, d.Chinese.Do)
		}
		for _, quoted := range regexp.MustCompile("「(.*?)」").FindAllStringSubmatch(d.Chinese.Meaning+d.Chinese.Do, -1) {
			if !slices.Contains(chineseDetails[d.Details[0]].values, quoted[1]) {
				t.Errorf("%s: %s is no value of %s", d.Name, quoted[1], d.Details[0])
			}
		}
		for _, quoted := range regexp.MustCompile("`(.*?)`").FindAllStringSubmatch(d.English.Meaning+d.English.Do, -1) {
			if !slices.Contains(vocabulary[d.Details[0]], quoted[1]) {
				t.Errorf("%s: %s is no value of %s", d.Name, quoted[1], d.Details[0])
			}
		}
	}
}
