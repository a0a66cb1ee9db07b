"""Answers from whole tables, and questions that stay with the row that was quoted."""

from ..conftest import Api, World

ROOMS = "Room,Seats,Projector,Phone\n" + "".join(
    f"{name},{seats},{'yes' if seats > 9 else 'no'},41{seats:02}\n"
    for name, seats in (("Amsel", 6), ("Drossel", 10), ("Fink", 4), ("Star", 22), ("Meise", 12), ("Specht", 8))
)


def test_the_largest_of_all_rows_is_quoted_and_asked_about(world: World, api: Api) -> None:
    world.upload("rooms.csv", ROOMS, kind="csv")
    world.announced("document.ingested")
    largest = api.final("Which room is the largest?")
    assert [each["text"].split(" [")[0] for each in largest["sentences"]] == [
        "Room: Star; Seats: 22; Projector: yes; Phone: 4122"
    ]
    assert "Compared by “Seats” among 6 rows of rooms.csv." in largest["answer"]
    assert largest["confidence"] < 0.9
    counted = api.final("How many rooms have a projector?")
    assert "Counted in rooms.csv: 3 of 6 rows." in counted["answer"]
    phone = api.final("What is the phone number?", conversation_id=largest["conversation_id"])
    assert "4122" in phone["answer"]
    assert "4106" not in phone["answer"]


def test_another_companys_table_is_not_computed_over(world: World, api: Api) -> None:
    world.upload("rooms.csv", ROOMS, kind="csv", company=2)
    world.announced("document.ingested")
    assert api.final("Which room is the largest?")["refusal"]
