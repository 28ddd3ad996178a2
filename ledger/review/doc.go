// Package review is the second pair of eyes: what one person entered, another approves or returns. A review
// names the exact entry that was seen, or a whole import but for some of its entries; it knows numbers of
// entries only and changes no record.
//
// What it promises, each with the test that holds it:
//
//   - Who entered or amended a record may not review it (TestReview_Own).
//   - A record that was changed since it was seen is not reviewed (TestReview_Changed), and an amendment makes it
//     wait again (TestReview_AmendedWaitsAgain).
//   - The kept sums of the reviewed move with the review, and check finds them so (TestReview_Sums).
package review
