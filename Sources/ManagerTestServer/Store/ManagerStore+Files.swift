internal import Operative

extension ManagerStore {
    mutating func file(_ request: RecordedRequest) -> ServerAnswer {
        let segments = request.segments.dropFirst()
        guard !segments.contains("..") else { return .error(400, "bad_parameters_error", "..") }
        let path = segments.joined(separator: "/")
        switch request.method {
        case "PUT":
            guard let form = MultipartForm(request) else {
                files[path] = StoredFile(.bytes(request.body))
                return .nothing
            }
            guard let content = form.parts["file"] else {
                return .error(400, "bad_parameters_error", "a form without a file")
            }
            let modified = form.parts["mtime"].map { String(decoding: $0, as: UTF8.self) } ?? ""
            files[path] = StoredFile(.bytes(content), modified: modified)
            return .nothing
        case "DELETE":
            return files.removeValue(forKey: path) == nil ? Self.missing("file", path) : .nothing
        default:
            if request.parameters["archive"] != nil { return archive(of: path) }
            if let file = files[path] { return Self.content(file) }
            let index = index(of: path)
            guard !index.isEmpty || path.hasPrefix("deployments/") && request.path.hasSuffix("/") else {
                return Self.missing("file", path)
            }
            return .json(.object(index.mapValues { .string($0.modified) }))
        }
    }

    static func content(_ file: StoredFile) -> ServerAnswer {
        let body: ServerAnswer.Body =
            switch file.content {
            case .bytes(let bytes): .bytes(bytes)
            case .zeros(let count): .generated(count)
            }
        return ServerAnswer(contentType: "application/octet-stream", body: body)
    }

    /// The files below a directory, by their path within it.
    private func index(of directory: String) -> [String: StoredFile] {
        let prefix = directory + "/"
        var index: [String: StoredFile] = [:]
        for (path, file) in files where path.hasPrefix(prefix) {
            index[String(path.dropFirst(prefix.count))] = file
        }
        return index
    }

    private func archive(of directory: String) -> ServerAnswer {
        let index = index(of: directory)
        var archive = TarArchive()
        for (path, file) in index.sorted(by: { $0.key < $1.key }) { archive.add(path, file.bytes) }
        let times = PropertyValue.object(index.mapValues { .string($0.modified) })
        archive.add(".cloudify-index.json", times.json)
        return ServerAnswer(contentType: "application/x-tar", body: .bytes(archive.finished))
    }
}
