// Package digit brings a picture of a handwritten digit to the form of MNIST,
// so that a net trained on MNIST can be asked about it.
//
// MNIST's authors describe that form on its page, "The MNIST database of
// handwritten digits" (LeCun, Cortes and Burges): black and white images were
// scaled to fit in a 20×20 box, keeping their aspect ratio, with grey levels
// from anti-aliasing, and put in a 28×28 field so that their centre of mass is
// at its centre. What the page leaves open was measured on the 60,000 training
// images:
//
//   - the box is tight: all but 13 images fill it in height or in width;
//   - the centre of mass is in the pixel of row 14 and column 14, counted from
//     0, of all but 2 images, and anywhere within that pixel: boxes were moved
//     by whole pixels;
//   - grey levels are stretched: the largest of each image is 254 or 255.
//
// [Read] brings the picture in a file to that form, and [Normalize] one in memory.
package digit
