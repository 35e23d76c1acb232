import Models
import TestSupport

/// A note on a device, on a copy of that which nobody noticed, and on a copy of the copy: the two copies have one edit alike
/// that was not sent, and each device has one of its own.
///
/// - Parameter server: has the note, if there is one.
func copiesOfACopy(of server: TestServer? = nil) throws -> (
    note: RecordID, one: TestDevice, copy: TestDevice, again: TestDevice
) {
    let one = try TestDevice(seed: 1)
    let note = try one.add("Words.")
    if let server { try one.sync(server) }
    let copy = try TestDevice(cloning: one, seed: 2)
    try one.edit(note, "Words. One.")
    try copy.edit(note, "Words. Both.")
    let again = try TestDevice(cloning: copy, seed: 3)
    try copy.edit(note, "Words. Both. Copy.")
    try again.edit(note, "Words. Both. Again.")
    return (note, one, copy, again)
}
