import Models

/// What a request is about.
enum Route: Hashable, Sendable {
    /// `POST /v1/notebooks/{notebook}/sync`
    case sync(NotebookID)
    /// `POST /v1/notebooks/{notebook}/verify`
    case verify(NotebookID)
    /// `POST /v1/notebooks/{notebook}/repair`
    case repair(NotebookID)
    /// `POST /v1/link`
    case link
    /// `GET /v1/devices`
    case devices
    /// `PATCH /v1/devices/{id}`
    case renameDevice(UInt64)
    /// `DELETE /v1/devices/{id}`
    case revokeDevice(UInt64)
    /// `GET /healthz`: the process runs.
    case health
    /// `GET /readyz`: it can work.
    case readiness

    /// The route of a request line; a query changes nothing.
    static func match(method: String, path: String) throws(Problem) -> Route {
        let parts = path.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.first == "", parts.count <= 5 else { throw .notFound }
        let found: [(method: String, route: Route)]
        switch parts.dropFirst() {
        case ["healthz"]: found = [("GET", .health), ("HEAD", .health)]
        case ["readyz"]: found = [("GET", .readiness), ("HEAD", .readiness)]
        case ["v1", "link"]: found = [("POST", .link)]
        case ["v1", "devices"]: found = [("GET", .devices)]
        case let rest where rest.count == 3 && rest.starts(with: ["v1", "devices"]):
            guard let text = rest.last, let id = UInt64(text), "\(id)" == text else { throw .notFound }
            found = [("PATCH", .renameDevice(id)), ("DELETE", .revokeDevice(id))]
        case let rest where rest.count == 4 && rest.starts(with: ["v1", "notebooks"]):
            guard let id = NotebookID(rest[rest.startIndex + 2]) else { throw .notFound }
            switch rest.last {
            case "sync": found = [("POST", .sync(id))]
            case "verify": found = [("POST", .verify(id))]
            case "repair": found = [("POST", .repair(id))]
            default: throw .notFound
            }
        default: throw .notFound
        }
        guard let route = found.first(where: { $0.method == method })?.route else {
            throw .methodNotAllowed(found.map(\.method))
        }
        return route
    }

    /// Whether anybody may ask. Linking shows who asks in another way.
    var isPublic: Bool {
        switch self {
        case .link, .health, .readiness: true
        case .sync, .verify, .repair, .devices, .renameDevice, .revokeDevice: false
        }
    }

    /// The notebook that it is about; only its members may ask.
    var notebook: NotebookID? {
        switch self {
        case .sync(let notebook), .verify(let notebook), .repair(let notebook): notebook
        case .link, .devices, .renameDevice, .revokeDevice, .health, .readiness: nil
        }
    }

    /// The most bytes of a body as it travels; nil if there must be none.
    var maximumBodyBytes: Int? {
        switch self {
        case .sync, .repair: Limits.maximumExchangeBytes
        case .verify: Limits.maximumVerifyQuestionBytes
        case .link, .renameDevice: Limits.maximumSmallBodyBytes
        case .devices, .revokeDevice, .health, .readiness: nil
        }
    }
}
