package dataset

import (
	"bytes"
	"fmt"
	"slices"
)

// Read is [Load] of one set, from the content of its two files: for a program
// without files, as in a browser. Classes is one more than the largest label.
func Read(images, labels []byte) (*Set, error) {
	imageFile, err := newIDX(bytes.NewReader(images), int64(len(images)), 3)
	if err != nil {
		return nil, fmt.Errorf("images: %w", err)
	}
	labelFile, err := newIDX(bytes.NewReader(labels), int64(len(labels)), 1)
	if err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	if imageFile.sizes[0] != labelFile.sizes[0] {
		return nil, fmt.Errorf("%d images and %d labels, want one label for each image", imageFile.sizes[0], labelFile.sizes[0])
	}
	s := Set{Rows: int(imageFile.sizes[1]), Cols: int(imageFile.sizes[2])}
	if s.Images, err = imageFile.images(); err != nil {
		return nil, fmt.Errorf("images: %w", err)
	}
	if s.Labels, err = labelFile.labels(); err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	s.Classes = 1 + int(slices.Max(s.Labels))
	return &s, nil
}

// Files returns the paths of the four files that [Load] reads from dir, in the
// order of its documentation.
func Files(dir string) ([]string, error) {
	if dir == "" {
		var err error
		if dir, err = Locate(); err != nil {
			return nil, err
		}
	}
	var paths []string
	for _, part := range []string{trainPart, testPart} {
		for _, kind := range []string{imagesKind, labelsKind} {
			path, err := find(dir, part+kind)
			if err != nil {
				return nil, err
			}
			paths = append(paths, path)
		}
	}
	return paths, nil
}
