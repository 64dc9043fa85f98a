import Testing

@testable import OperationProcesses

@Suite("Output after the end of a process")
struct DrainPlanTests {
    @Test("With every pipe at its end nothing is waited for")
    func allEnded() {
        #expect(DrainPlan(waiting: [:]).isDone)
        var plan = DrainPlan(waiting: [.output: 3, .error: 0])
        plan.read(.output, count: 3)
        plan.ended(.output)
        #expect(!plan.isDone)
        plan.ended(.error)
        #expect(plan.isDone)
    }

    @Test("A pipe that something else keeps open and silent is left at the first tick")
    func silent() {
        var plan = DrainPlan(waiting: [.output: 0])
        let goesOn = plan.tick()
        #expect(!goesOn)
        #expect(plan.isDone)
    }

    @Test("What was in a pipe at the end is waited for, however long its lines take")
    func owed() {
        var plan = DrainPlan(waiting: [.output: 100])
        for _ in 0..<4 { _ = plan.tick() }
        #expect(!plan.isDone)
        plan.read(.output, count: 60)
        #expect(!plan.isDone)
        plan.read(.output, count: 60)
        #expect(plan.isDone)
    }

    @Test("One that goes on writing is followed for four ticks, not longer")
    func talkative() {
        var plan = DrainPlan(waiting: [.output: 10])
        for tick in 1...4 {
            #expect(!plan.isDone)
            plan.read(.output, count: 50)
            let goesOn = plan.tick()
            #expect(goesOn == (tick < 4))
        }
        #expect(plan.isDone)
    }
}
