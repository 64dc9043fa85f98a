/// The page that the example serves.
enum WebPage {
    static func html(_ text: String) -> String {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return "<!doctype html>\n<title>Operative</title>\n<h1>\(escaped)</h1>\n"
    }
}
