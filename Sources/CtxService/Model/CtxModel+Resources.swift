internal import Operative

// Files of the deployment and the blueprint.
extension CtxModel {
    func addResources(_ all: inout [String: CtxObject.Attribute]) {
        all.method("get_resource", [.required("resource_path"), .optional("encoding")]) { arguments in
            let path = try arguments.text("resource_path")
            let encoding = try ResourceText.Encoding(arguments)
            return .value(.string(try ResourceText.text(try await context.getResource(path), of: path, encoding)))
        }
        all.method("get_resource_and_render", [.required("resource_path"), .optional("template_variables")]) {
            arguments in
            let text = try await context.getResourceAndRender(
                try arguments.text("resource_path"), variables: try arguments.object("template_variables"))
            return .value(.string(text))
        }
        all.method("download_resource", [.required("resource_path"), .optional("target_path")]) { arguments in
            let target = try files.target(try arguments.optionalText("target_path"))
            let file = try await context.downloadResource(try arguments.text("resource_path"), to: target)
            return .value(.string(try files.handedOver(file, isTemporary: target == nil)))
        }
        all.method(
            "download_resource_and_render",
            [.required("resource_path"), .optional("target_path"), .optional("template_variables")]
        ) { arguments in
            let target = try files.target(try arguments.optionalText("target_path"))
            let file = try await context.downloadResourceAndRender(
                try arguments.text("resource_path"), to: target,
                variables: try arguments.object("template_variables"))
            return .value(.string(try files.handedOver(file, isTemporary: target == nil)))
        }
        all.method("download_directory", [.required("directory_path"), .optional("target_path")]) { arguments in
            let directory = try await context.downloadDirectory(try arguments.text("directory_path"))
            return .value(.string(try files.handedOver(directory, isTemporary: true)))
        }
        addWorkdir(&all)
    }

    private func addWorkdir(_ all: inout [String: CtxObject.Attribute]) {
        all.method("local_deployment_workdir") { _ in
            .value(PropertyValue(text: try await context.localDeploymentWorkdir))
        }
        all.method("download_deployment_workdir") { _ in
            try await context.downloadDeploymentWorkdir()
            return .value(.null)
        }
        all.method("upload_deployment_workdir") { _ in
            try await context.uploadDeploymentWorkdir()
            return .value(.null)
        }
        all.method(
            "upload_deployment_file",
            [.required("target_file_path"), .required("src_file"), .optional("src_file_mtime")]
        ) { arguments in
            let source = try files.source(try arguments.text("src_file"))
            try await context.uploadDeploymentFile(try arguments.text("target_file_path"), from: source)
            return .value(.null)
        }
        all.method("delete_deployment_file", [.required("file_path")]) { arguments in
            try await context.deleteDeploymentFile(try arguments.text("file_path"))
            return .value(.null)
        }
    }
}
