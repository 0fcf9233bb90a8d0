package cdf

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A class is what NIST SP 1500-101, Version 1.0, says of one of its classes:
// which attributes it has, of which kind, and which must be there. Nothing else
// may be there (its JSON schema forbids it).
type class struct {
	required []string
	kinds    map[string]string // "string", "date-time", "date", a name of enums, or "[]" and a name of classes
	least    map[string]int    // of elements in an array
}

var classes = map[string]class{
	"ElectionEventLog": {
		[]string{"@type", "GeneratedTime"},
		map[string]string{"Details": "string", "Device": "[]Device", "ElectionId": "string", "GeneratedTime": "date-time"}, nil,
	},
	"Device": {
		[]string{"@type", "Id"},
		map[string]string{"Details": "string", "Event": "[]Event", "HashType": "HashType", "Id": "string", "Manufacturer": "string", "Model": "string",
			"OtherHashType": "string", "OtherType": "string", "Type": "DeviceType", "Version": "string"}, nil,
	},
	"Event": {
		[]string{"@type", "Disposition", "Id", "Sequence", "TimeStamp", "Type"},
		map[string]string{"Description": "string", "Details": "string", "Disposition": "EventDispositionType", "Hash": "string", "Id": "string", "OtherDisposition": "string",
			"Sequence": "string", "Severity": "string", "TimeStamp": "date-time", "Type": "string", "UserId": "string"}, nil,
	},
	"ElectionEventLogDocumentation": {
		[]string{"@type", "DeviceManufacturer", "DeviceModel", "EventIdDescription", "EventTypeDescription", "GeneratedDate"},
		map[string]string{"DeviceId": "string", "DeviceManufacturer": "string", "DeviceModel": "string", "DeviceVersion": "string",
			"EventIdDescription": "[]EventIdDescription", "EventTypeDescription": "[]EventTypeDescription", "GeneratedDate": "date"},
		map[string]int{"EventIdDescription": 1, "EventTypeDescription": 1},
	},
	"EventIdDescription":   {[]string{"@type", "Description", "Id"}, map[string]string{"Description": "string", "Id": "string"}, nil},
	"EventTypeDescription": {[]string{"@type", "Description", "Type"}, map[string]string{"Description": "string", "Type": "string"}, nil},
}

var enums = map[string][]string{
	"DeviceType": {"adjudication", "ballot-activation", "ballot-printing", "blank-ballot-printing", "bmd", "dre", "dre-controller", "electronic-cast", "electronic-cast-paper",
		"electronic-poll-book", "ems", "other", "scan-batch", "scan-single", "transmission-receiving", "transmission-sending"},
	"EventDispositionType": {"failure", "na", "other", "success"},
	"HashType":             {"md6", "other", "sha-256", "sha-512"},
}

// conform lists what is wrong with a file of the format.
func conform(b []byte) []string {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return []string{err.Error()}
	}
	object, ok := v.(map[string]any)
	if !ok {
		return []string{"no object"}
	}
	for _, root := range []string{"ElectionEventLog", "ElectionEventLogDocumentation"} {
		if object["@type"] == "EventLogging."+root {
			return classes[root].wrong(root, object)
		}
	}
	return []string{fmt.Sprintf("@type %v", object["@type"])}
}

func (c class) wrong(name string, object map[string]any) (wrong []string) {
	for _, r := range c.required {
		if _, ok := object[r]; !ok {
			wrong = append(wrong, name+" has no "+r)
		}
	}
	for key, v := range object {
		at, kind := name+"."+key, c.kinds[key]
		element, array := strings.CutPrefix(kind, "[]")
		switch {
		case key == "@type":
			if v != "EventLogging."+name {
				wrong = append(wrong, fmt.Sprintf("%s is %v", at, v))
			}
		case array:
			wrong = append(wrong, elements(at, element, v, c.least[key])...)
		default:
			wrong = append(wrong, value(at, kind, v)...)
		}
	}
	return wrong
}

func elements(at, element string, v any, least int) (wrong []string) {
	list, ok := v.([]any)
	if !ok || len(list) < least {
		return []string{at + " is no array, or too short"}
	}
	for _, e := range list {
		object, ok := e.(map[string]any)
		if !ok {
			return append(wrong, at+" has an element that is no object")
		}
		wrong = append(wrong, classes[element].wrong(element, object)...)
	}
	return wrong
}

// dateTime is what RFC 3339 and the dateTime of XML Schema both take.
var dateTime = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$`)

func value(at, kind string, v any) []string {
	s, ok := v.(string)
	if !ok {
		return []string{at + " is no string"}
	}
	switch {
	case kind == "string":
		return nil
	case kind == "date-time":
		if _, err := time.Parse(time.RFC3339, s); err == nil && dateTime.MatchString(s) {
			return nil
		}
	case kind == "date":
		if _, err := time.Parse(time.DateOnly, s); err == nil {
			return nil
		}
	case slices.Contains(enums[kind], s):
		return nil
	}
	return []string{fmt.Sprintf("%s must not be %q", at, s)}
}

// TestConform: the check itself finds what is wrong.
func TestConform(t *testing.T) {
	b, err := Log(good, everything(t))
	if err != nil {
		t.Fatal(err)
	}
	whole := string(b)
	for name, c := range map[string]struct{ b, want string }{
		"no JSON":           {"{", "unexpected end of JSON input"},
		"no object":         {"[]", "no object"},
		"no type":           {"{}", "@type <nil>"},
		"time missing":      {strings.Replace(whole, `"GeneratedTime"`, `"Generated"`, 1), "ElectionEventLog has no GeneratedTime"},
		"strange attribute": {strings.Replace(whole, `"Severity"`, `"Voter"`, 1), `Event.Voter must not be "notice"`},
		"other enum":        {strings.Replace(whole, `"success"`, `"well"`, 1), `Event.Disposition must not be "well"`},
		"hour only":         {strings.Replace(whole, `T00:00:00Z`, `T00Z`, 1), `Event.TimeStamp must not be "2021-12-18T00Z"`},
		"number":            {strings.Replace(whole, `"Sequence": "1"`, `"Sequence": 1`, 1), "Event.Sequence is no string"},
		"other class":       {strings.Replace(whole, `EventLogging.Event"`, `EventLogging.Device"`, 1), "Event.@type is EventLogging.Device"},
		"no array":          {strings.Replace(whole, `"Device": [`, `"Device": "", "Details": [`, 1), "ElectionEventLog.Device is no array"},
		"no element":        {`{"@type":"EventLogging.ElectionEventLog","GeneratedTime":"2021-12-18T00:00:00Z","Device":[1]}`, "that is no object"},
		"none described":    {`{"@type":"EventLogging.ElectionEventLogDocumentation","EventIdDescription":[],"GeneratedDate":"x"}`, "EventIdDescription is no array, or too short"},
		"no date":           {`{"@type":"EventLogging.ElectionEventLogDocumentation","GeneratedDate":"2021-13-01"}`, `GeneratedDate must not be "2021-13-01"`},
	} {
		if got := strings.Join(conform([]byte(c.b)), "; "); !strings.Contains(got, c.want) {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}

// TestConformMissesNothing: in files that conform, whatever is left out that must be
// there, whatever is added, and every value that is exchanged for one of another kind,
// is found.
func TestConformMissesNothing(t *testing.T) {
	log, err := Log(good, everything(t))
	if err != nil {
		t.Fatal(err)
	}
	documentation, err := Documentation(good)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, b := range [][]byte{log, documentation} {
		var root map[string]any
		if err := json.Unmarshal(b, &root); err != nil {
			t.Fatal(err)
		}
		spoil(t, root, root, seen)
	}
	for name, c := range classes {
		for _, key := range c.required {
			if !seen[name+"."+key] {
				t.Errorf("nothing written has a %s.%s", name, key)
			}
		}
	}
}

// spoil changes an object below root in every way, and puts it back each time. Of
// every attribute of a class it takes the first that it meets.
func spoil(t *testing.T, root, object map[string]any, seen map[string]bool) {
	t.Helper()
	name := strings.TrimPrefix(fmt.Sprint(object["@type"]), "EventLogging.")
	found := func(how string) {
		t.Helper()
		if b, err := json.Marshal(root); err != nil || len(conform(b)) == 0 {
			t.Errorf("%s: not found, %v", how, err)
		}
	}
	for key, v := range maps.Clone(object) {
		if list, ok := v.([]any); ok {
			for _, e := range list {
				spoil(t, root, e.(map[string]any), seen)
			}
		}
		if at := name + "." + key; !seen[at] {
			seen[at] = true
			object[key] = 1
			found(at + " is a number")
			if delete(object, key); slices.Contains(classes[name].required, key) {
				found(at + " is not there")
			}
			object[key] = v
		}
	}
	if at := name + ".Voter"; !seen[at] {
		seen[at] = true
		object["Voter"] = "x"
		found(at + " is there")
		delete(object, "Voter")
	}
}
