import Testing

@testable import webinar_cli

@Suite struct DeviceHomeTests {
    @Test(arguments: [
        (["WEBINAR_HOME": "/w", "XDG_DATA_HOME": "/x", "HOME": "/h"], "/w"),
        (["WEBINAR_HOME": "", "XDG_DATA_HOME": "/x", "HOME": "/h"], "/x/webinar"),
        (["XDG_DATA_HOME": "relative", "HOME": "/h"], "/h/.local/share/webinar"),
        (["HOME": "/h"], "/h/.local/share/webinar"),
    ])
    func `the folder follows from the environment`(environment: [String: String], folder: String) throws {
        #expect(try DeviceHome(environment: environment).folder == folder)
    }

    @Test func `without any there is an error and no guess`() {
        let error = #expect(throws: CommandError.self) { try DeviceHome(environment: [:]) }
        #expect(error?.status == .configuration)
    }

    @Test func `the zone of the machine is the one TZ names`() {
        #expect(ZoneClock.local(environment: ["TZ": "Asia/Manila"]).name == "Asia/Manila")
        #expect(ZoneClock.local(environment: ["TZ": ":Asia/Manila"]).name == "Asia/Manila")
        #expect(ZoneClock.local(environment: ["TZ": ""]).name == "UTC")
        #expect(ZoneClock.local(environment: ["TZ": "EST5EDT4,M3.2.0"]).name == nil)
    }
}
