// Package statement reads published sentences and judges whether their figures fit each other, and, when a book's
// record is given, whether they fit the record.
//
// It is pure: text and figures in, a judgement out. It knows no database, no file and no clock, and computes with
// exact fractions only.
//
// What it promises:
//   - A printed figure stands for the interval of values that print so (half-up; else truncation, which is then said).
//     A reading fits when the intervals meet. Prices are taken as printed first, because they are agreed, not rounded.
//   - 约, 近, 余, 超 widen the interval; 约合 does not, it says that the figure was converted.
//   - No false accusation: a relation may be called contradictory only when its words name both sides of it. What
//     cannot be cross-checked is insufficient. Dates, ordinals, numbers of articles, ranges, extremes (最高), figures
//     of last year and figures without a unit never contradict anything.
//   - Every finding carries its arithmetic in both languages, so that it can be redone by hand.
//   - The work is bounded: see TextBytesMax, ClauseFiguresMax and PartsMax.
package statement
