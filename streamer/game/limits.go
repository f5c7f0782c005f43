package game

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
)

// Limits bound what a game takes of the machine. A zero is the default.
type Limits struct {
	Memory    Size    // of all its processes, with what it keeps in memory as files
	Processes int     // and threads
	CPUs      float64 // how many cores' time it may use
	Storage   Size    // of its home
}

// Size is a number of bytes.
type Size int64

// The units of a Size.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
)

// The defaults. Games in software rendering take 100 MiB to 1.5 GiB and less
// than 100 threads; saves take a few MiB, some games keep a cache beside them.
const (
	defaultMemory    = 2 * GiB
	defaultProcesses = 256
	defaultStorage   = 1 * GiB
)

// defaultCPUs is what llvmpipe makes use of, and no more than half of what the
// machine has: encoders and other sessions have to go on.
func defaultCPUs() float64 { return min(4, max(1, float64(runtime.NumCPU())/2)) }

// orDefault fills in what is not said.
func (l Limits) orDefault() Limits {
	if l.Memory == 0 {
		l.Memory = defaultMemory
	}
	if l.Processes == 0 {
		l.Processes = defaultProcesses
	}
	if l.CPUs == 0 {
		l.CPUs = defaultCPUs()
	}
	if l.Storage == 0 {
		l.Storage = defaultStorage
	}
	return l
}

// The limits of our own servers, which a game may try to fill through them. An
// X server keeps the pictures of its clients. Neither has threads enough to keep
// others from their time.
var (
	displayLimits = Limits{Memory: GiB, Processes: 64, CPUs: unbound, Storage: 64 * MiB}
	soundLimits   = Limits{Memory: 256 * MiB, Processes: 64, CPUs: unbound, Storage: 64 * MiB}
)

// unbound is for what shall not wait for its time with the games.
const unbound = -1

// check refuses what no game can run with, or no machine has.
func (l Limits) check() error {
	var errs []error
	if l.Memory < 16*MiB || l.Memory > maxSize {
		errs = append(errs, fmt.Errorf("limits: memory %s: want 16MiB to %s", l.Memory, Size(maxSize)))
	}
	if l.Processes < 8 || l.Processes > 1<<16 {
		errs = append(errs, fmt.Errorf("limits: processes %d: want 8 to %d", l.Processes, 1<<16))
	}
	if !(l.CPUs >= 0.1 && l.CPUs <= 1024) { // not a number is neither
		errs = append(errs, fmt.Errorf("limits: cpus %v: want 0.1 to 1024", l.CPUs))
	}
	if l.Storage < MiB || l.Storage > maxSize {
		errs = append(errs, fmt.Errorf("limits: storage %s: want 1MiB to %s", l.Storage, Size(maxSize)))
	}
	return errors.Join(errs...)
}

const maxSize = 1024 * GiB

var units = []struct {
	name string
	size Size
}{{"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}}

// ParseSize reads a number with a unit: 512MiB, 1.5GiB.
func ParseSize(text string) (Size, error) {
	for _, unit := range units {
		number, found := strings.CutSuffix(text, unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(n >= 0 && n*float64(unit.size) <= float64(maxSize)) {
			break
		}
		return Size(n * float64(unit.size)), nil
	}
	return 0, fmt.Errorf("size %q: want a number with KiB, MiB or GiB, up to 1024GiB, such as 512MiB", text)
}

// String is how a size is written, rounded to what people read.
func (s Size) String() string {
	for _, unit := range units {
		if s >= unit.size {
			return strconv.FormatFloat(float64(int64(float64(s)/float64(unit.size)*100))/100, 'f', -1, 64) + unit.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + " bytes"
}

// limits is a Limits as the file has it.
type limits struct {
	Memory    string  `yaml:"memory"`
	Processes int     `yaml:"processes"`
	CPUs      float64 `yaml:"cpus"`
	Storage   string  `yaml:"storage"`
}

// parse reads what is said, and fills in the rest.
func (l limits) parse() (Limits, error) {
	read := Limits{Processes: l.Processes, CPUs: l.CPUs}
	var errs []error
	for _, size := range []struct {
		name, text string
		to         *Size
	}{{"memory", l.Memory, &read.Memory}, {"storage", l.Storage, &read.Storage}} {
		if size.text == "" {
			continue
		}
		var err error
		if *size.to, err = ParseSize(size.text); err != nil {
			errs = append(errs, fmt.Errorf("limits: %s: %w", size.name, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Limits{}, err
	}
	read = read.orDefault()
	return read, read.check()
}
