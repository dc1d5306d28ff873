// Package atomicfile writes files whole or not at all: whoever reads one, also
// after a kill or a power cut at any moment, finds the old content or the new.
//
// The new content of dir/name is made in dir/.name.tmp, and takes its place when
// all of it is on the disk. What a killed process leaves of that is cleared
// away by the next that writes dir/name.
package atomicfile
